const MINUTE_MS = 60_000;

/**
 * Counts the minutes of a match by the server's clock, so that both sides count the same ones. This browser's clock may
 * be wrong, and may be set meanwhile, so only the time that passes is taken from it.
 */
export class MatchClock {
  readonly #startMs: number;
  readonly #serverMs: number;
  readonly #receivedAtMs: number;

  /**
   * @param startMs when the match began, by the server's clock
   * @param serverMs what the server's clock showed when it was read
   * @param receivedAtMs what `performance.now()` was then
   */
  constructor(startMs: number, serverMs: number, receivedAtMs: number) {
    this.#startMs = startMs;
    this.#serverMs = serverMs;
    this.#receivedAtMs = receivedAtMs;
  }

  /** The number of whole minutes since the match began. */
  get minute(): number {
    return Math.floor((this.#serverNowMs() - this.#startMs) / MINUTE_MS);
  }

  /** How long it is until a number of whole minutes has passed, in milliseconds; negative once they have. */
  msUntil(minute: number): number {
    return this.#startMs + minute * MINUTE_MS - this.#serverNowMs();
  }

  /**
   * The server's clock now. The offset that heartbeats show is not used: it is off from when this clock is set until the
   * next heartbeat.
   */
  #serverNowMs(): number {
    return this.#serverMs + performance.now() - this.#receivedAtMs;
  }
}
