import type { MinutesEnd } from "./types.js";

/** The topic of these messages, which travel between the two browsers. */
export const MINUTES_TOPIC = "satoshigle/minutes";

/** What two sides tell each other about the price of a minute. It is the partner's word, not proof of a payment. */
export type MinuteMessage =
  /** The payer agrees to pay so much for a minute. Repeated with each minute, for a page that was loaded meanwhile. */
  | { says: "paying"; msat: number }
  /** The payer pays no more. */
  | { says: "paid"; end: MinutesEnd }
  /** The payee asks for no more. */
  | { says: "waived" };

export const MINUTES_ENDS: readonly MinutesEnd[] = [
  "stopped",
  "partner_stopped",
  "call_over",
  "interrupted",
  "no_picture",
  "no_sound",
  "budget",
  "failed",
];

export function encodeMinuteMessage(message: MinuteMessage): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(message));
}

/** Returns undefined for anything but a message. */
export function decodeMinuteMessage(bytes: Uint8Array): MinuteMessage | undefined {
  const { says, msat, end } = parse(bytes);
  if (says === "paying" && typeof msat === "number" && Number.isSafeInteger(msat)) return { says, msat };
  const known = MINUTES_ENDS.find((one) => one === end);
  if (says === "paid") return { says, end: known ?? "stopped" };
  return says === "waived" ? { says } : undefined;
}

function parse(bytes: Uint8Array): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
