/** Numbers of the events in `SignalResponse`. */
export const EVENTS = {
  welcome: 2,
  matched: 4,
  signal: 5,
  away: 6,
  back: 7,
  ended: 8,
  heartbeat: 10,
  draining: 11,
  closed: 12,
} as const;

/** An event as far as it must be known: its sequence, its number, and its bytes. */
export interface Seen {
  sequence: number;
  event: number;
  bytes: Buffer;
}

/** Splits a `SignalResponse`, which costs less than decoding it. */
export function seenIn(message: Buffer): Seen {
  const seen: Seen = { sequence: 0, event: 0, bytes: message.subarray(0, 0) };
  let at = 0;
  const varint = () => {
    let [value, factor] = [0, 1];
    for (;;) {
      const byte = message[at++] ?? 0;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
      factor *= 0x80;
    }
  };
  while (at < message.length) {
    const tag = varint();
    const value = varint();
    if ((tag & 7) === 0) seen.sequence = value;
    else {
      if (seen.event === 0) [seen.event, seen.bytes] = [tag >>> 3, message.subarray(at, at + value)];
      at += value;
    }
  }
  return seen;
}
