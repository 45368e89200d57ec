/** Why a picture is scaled down: the call has just begun, or the line is thin. */
type Reason = "start" | "line";

const factors = new WeakMap<RTCRtpSender, Record<Reason, number>>();

/** Records by how much a reason scales the picture of a sender down. Returns the largest factor, which applies. */
export function scaleFor(sender: RTCRtpSender, reason: Reason, factor: number): number {
  const all = { start: 1, line: 1, ...factors.get(sender), [reason]: factor };
  factors.set(sender, all);
  return Math.max(all.start, all.line);
}

/** Changes the encodings of a sender. Has no effect in browsers that do not support it, or refuse a value. */
export async function changeEncodings(
  sender: RTCRtpSender,
  change: (encoding: RTCRtpEncodingParameters) => unknown,
): Promise<void> {
  try {
    const parameters = sender.getParameters();
    parameters.encodings.forEach(change);
    if (parameters.encodings.length > 0) await sender.setParameters(parameters);
  } catch {
    // The sender continues with its previous encodings.
  }
}
