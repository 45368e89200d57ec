import { call, type Wire } from "../connection/api.js";
import { CheckOutcome_Part as Part, CheckOutcome_Result as Result } from "../gen/satoshigle/v1/diagnostics_pb.js";
import { DiagnosticsService } from "../gen/satoshigle/v1/diagnostics_pb.js";
import type { CheckResult, CheckStatus } from "./types.js";

const TIMEOUT_MS = 2_000;

const parts = {
  server: Part.SERVER,
  stun: Part.STUN,
  turnUdp: Part.TURN_UDP,
  turnTcp: Part.TURN_TCP,
  turnTls: Part.TURN_TLS,
  uplink: Part.UPLINK,
  microphone: Part.MICROPHONE,
  camera: Part.CAMERA,
} as const satisfies Record<Exclude<keyof CheckResult, "verdict">, Part>;

const results: Record<CheckStatus, Result> = {
  ok: Result.OK,
  warning: Result.WARNING,
  failed: Result.FAILED,
  unavailable: Result.UNAVAILABLE,
};

/** Adds the outcomes to the metrics of the server. Never rejects. */
export async function reportCheck(wire: Wire, result: CheckResult): Promise<void> {
  const names = Object.keys(parts) as (keyof typeof parts)[];
  const outcomes = names.map((name) => ({ part: parts[name], result: results[result[name].status] }));
  const { reportCheck: method } = DiagnosticsService.method;
  await call(wire, method, { outcomes }, { timeoutMs: TIMEOUT_MS }).catch(() => undefined);
}
