import { SatoshigleError } from "../errors.js";

const TOPIC = /^[\w.:/-]{1,64}$/;
export const MAX_CONTENT_BYTES = 16_384;

/** Whether a message of the application is within the limits. */
export function isMessage(topic: string, content: Uint8Array): boolean {
  return TOPIC.test(topic) && content.length <= MAX_CONTENT_BYTES;
}

export function assertMessage(topic: string, content: Uint8Array): void {
  if (isMessage(topic, content)) return;
  const field = TOPIC.test(topic) ? "bytes" : "topic";
  const allowed = field === "topic" ? "1 to 64 letters, digits, or . : / _ -" : "at most 16,384 bytes";
  throw new SatoshigleError("invalid", `The ${field} must have ${allowed}.`, { field });
}
