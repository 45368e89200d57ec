import type { CheckResult } from "@satoshigle/client";
import { formatNumber, say, sentences } from "./say.js";

/** A line of the result, for a person. */
export interface CheckLine {
  name: string;
  status: "ok" | "warning" | "failed" | "unavailable";
  text: string;
}

export function describeVerdict({ verdict }: CheckResult): string {
  return say(`check.verdict.${verdict}`);
}

/** Describes each part that was tested, and what to do about those that do not work. */
export function describeCheck(result: CheckResult): CheckLine[] {
  const { server, stun, uplink, microphone, camera } = result;
  const lines: CheckLine[] = [
    { name: say("check.server"), status: server.status, text: describeServer(server) },
    { name: say("check.direct"), status: stun.status, text: describePart("direct", stun.status) },
    { name: say("check.relayed"), ...describeRelays(result) },
    { name: say("check.uplink"), status: uplink.status, text: describeUplink(uplink) },
    {
      name: say("settings.microphone"),
      status: microphone.status,
      text: describePart("microphone", microphone.status),
    },
    { name: say("settings.camera"), status: camera.status, text: describePart("camera", camera.status) },
  ];
  return lines.filter(({ status }) => status !== "unavailable");
}

function describeServer({ status, roundTripMs = 0 }: CheckResult["server"]): string {
  if (status === "failed") return say("check.server.failed");
  return say("check.server.ok", { ms: Math.round(roundTripMs) });
}

type Part = "direct" | "relayed" | "microphone" | "camera";

function describePart(part: Part, status: CheckLine["status"]): string {
  return status === "unavailable" ? "" : say(`check.${part}.${status}`);
}

function describeRelays({ turnUdp, turnTcp, turnTls }: CheckResult): Pick<CheckLine, "status" | "text"> {
  const ways = [turnUdp, turnTcp, turnTls].filter(({ status }) => status !== "unavailable");
  const works = ways.some(({ status }) => status === "ok");
  const status = ways.length === 0 ? "unavailable" : turnUdp.status === "ok" ? "ok" : works ? "warning" : "failed";
  return { status, text: describePart("relayed", status) };
}

function describeUplink({ status, kilobitsPerSecond = 0 }: CheckResult["uplink"]): string {
  const rate = formatNumber(kilobitsPerSecond / 1_000, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
  return sentences(say("check.uplink.rate", { rate }), status === "warning" ? say("check.uplink.warning") : "");
}
