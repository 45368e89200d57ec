/** The parts of a test of a person's connection. */
export const CHECK_PARTS = [
  ...(["server", "stun", "turn_udp", "turn_tcp", "turn_tls"] as const),
  ...(["uplink", "microphone", "camera"] as const),
] as const;
export const CHECK_RESULTS = ["ok", "warning", "failed", "unavailable"] as const;

export type CheckPart = (typeof CHECK_PARTS)[number];
export type CheckResult = (typeof CHECK_RESULTS)[number];
