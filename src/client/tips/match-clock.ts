const MINUTE_MS = 60_000;

/**
 * Counts the minutes of a match by the server's clock, so that both sides count the same ones. This browser's clock may
 * be set meanwhile, so from the beginning on only the time that passes is taken from it.
 */
export class MatchClock {
  readonly #startMs: number;
  /** What the server's clock showed when `performance.now()` was 0. */
  readonly #originMs: number;

  /**
   * @param startMs when the match began, by the server's clock
   * @param clockOffsetMs how far the server's clock is ahead of ours now
   */
  constructor(startMs: number, clockOffsetMs: number) {
    this.#startMs = startMs;
    this.#originMs = Date.now() + clockOffsetMs - performance.now();
  }

  /** The number of whole minutes since the match began. */
  get minute(): number {
    return Math.floor((this.#serverNowMs() - this.#startMs) / MINUTE_MS);
  }

  /** How long it is until a number of whole minutes has passed, in milliseconds; negative once they have. */
  msUntil(minute: number): number {
    return this.#startMs + minute * MINUTE_MS - this.#serverNowMs();
  }

  #serverNowMs(): number {
    return this.#originMs + performance.now();
  }
}
