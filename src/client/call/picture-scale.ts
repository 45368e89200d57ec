/** Why a picture is scaled down: the call has just begun, or the line is thin. */
type Reason = "start" | "line";

const factors = new WeakMap<RTCRtpSender, Record<Reason, number>>();

/** Notes by how much a reason scales the picture of a sender down. Returns the largest of all reasons, which applies. */
export function scaleFor(sender: RTCRtpSender, reason: Reason, factor: number): number {
  const all = factors.get(sender) ?? { start: 1, line: 1 };
  all[reason] = factor;
  factors.set(sender, all);
  return Math.max(all.start, all.line);
}
