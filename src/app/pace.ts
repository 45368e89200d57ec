/** How fast streams open or close, so that each turn of the event loop stays short, and the store answers all in time. */
export interface Pace {
  /** How many begin in one turn of the event loop. */
  perTurn: number;
  /** How many wait for the store at a time. */
  atOnce: number;
}

/** A stream costs about a third of a millisecond, and Redis answers some thousand calls a second. */
export const STREAM_PACE: Pace = { perTurn: 12, atOnce: 64 };

/** Opening a stream takes about so long on a processor of 2020, in milliseconds. */
const RESUME_MS = 0.3;
/** How long clients spread their first attempt to come back on their own, and at most, in milliseconds. */
const [USUAL_SPREAD_MS, MAX_SPREAD_MS] = [250, 10_000];

/**
 * Over how long clients should come back if so many lose their streams at once, in milliseconds: about as long as it
 * takes to open all of them. Undefined if it is no longer than usual.
 */
export function resumeSpreadMs(streams: number): number | undefined {
  const spreadMs = Math.min(MAX_SPREAD_MS, Math.round(streams * RESUME_MS));
  return spreadMs > USUAL_SPREAD_MS ? spreadMs : undefined;
}
