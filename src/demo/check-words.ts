import type { CheckResult } from "@satoshigle/client";

/** A line of the result, for a person. */
export interface CheckLine {
  name: string;
  status: "ok" | "warning" | "failed" | "unavailable";
  text: string;
}

const verdicts = {
  good: "You are ready for a call.",
  limited: "Calls should work, but not with everyone, or not as well as they could.",
  bad: "Calls will not connect from here.",
} as const satisfies Record<CheckResult["verdict"], string>;

export function describeVerdict({ verdict }: CheckResult): string {
  return verdicts[verdict];
}

/** Describes each part that was tested, and what to do about those that do not work. */
export function describeCheck(result: CheckResult): CheckLine[] {
  const { server, stun, uplink, microphone, camera } = result;
  const lines: CheckLine[] = [
    { name: "Server", status: server.status, text: describeServer(server) },
    { name: "Direct calls", status: stun.status, text: direct[stun.status] },
    { name: "Relayed calls", ...describeRelays(result) },
    { name: "Upload", status: uplink.status, text: describeUplink(uplink) },
    { name: "Microphone", status: microphone.status, text: sound[microphone.status] },
    { name: "Camera", status: camera.status, text: picture[camera.status] },
  ];
  return lines.filter(({ status }) => status !== "unavailable");
}

function describeServer({ status, roundTripMs = 0 }: CheckResult["server"]): string {
  if (status === "failed") return "It cannot be reached. Check your connection.";
  return `It answers in ${String(Math.round(roundTripMs))} ms.`;
}

const direct = {
  ok: "Your network allows them.",
  warning: "Your network allows some of them.",
  failed: "Your network blocks them. Calls have to be relayed.",
  unavailable: "",
} as const;

function describeRelays({ turnUdp, turnTcp, turnTls }: CheckResult): Pick<CheckLine, "status" | "text"> {
  const ways = [turnUdp, turnTcp, turnTls].filter(({ status }) => status !== "unavailable");
  if (ways.length === 0) return { status: "unavailable", text: "" };
  if (turnUdp.status === "ok") return { status: "ok", text: "They work." };
  if (ways.some(({ status }) => status === "ok")) {
    return { status: "warning", text: "They work, but your network slows them down: it blocks UDP." };
  }
  return { status: "failed", text: "The relay cannot be reached. Try another network, or turn off your VPN." };
}

function describeUplink({ status, kilobitsPerSecond = 0 }: CheckResult["uplink"]): string {
  const rate = `At least ${(kilobitsPerSecond / 1_000).toFixed(1)} Mbit/s.`;
  return status === "warning" ? `${rate} Your picture may be blurry.` : rate;
}

const sound = {
  ok: "It picks up sound.",
  warning: "It is silent. Is it muted, or is another one selected?",
  failed: "It was disconnected, or another program uses it.",
  unavailable: "",
} as const;

const picture = {
  ok: "It sends a picture.",
  warning: "The picture is black. Is the camera covered?",
  failed: "It sends no picture. Does another program use it?",
  unavailable: "",
} as const;
