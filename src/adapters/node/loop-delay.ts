/** How often the delay is measured, in milliseconds. */
const SAMPLE_MS = 100;
/** Weight of the newest measurement in the average: a single pause changes it little, a second of them fully. */
const WEIGHT = 0.3;

/** Averages how late a timer of the event loop fires. */
export class RecentLoopDelay {
  #averageMs = 0;
  #dueMs = performance.now() + SAMPLE_MS;
  readonly #timer = setInterval(() => {
    this.#sample();
  }, SAMPLE_MS).unref();

  get ms(): number {
    const lateMs = performance.now() - this.#dueMs; // the timer may be late right now
    return Math.max(this.#averageMs, this.#averageWith(lateMs));
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #sample(): void {
    const nowMs = performance.now();
    this.#averageMs = this.#averageWith(Math.max(0, nowMs - this.#dueMs));
    this.#dueMs = nowMs + SAMPLE_MS;
  }

  #averageWith(lateMs: number): number {
    return this.#averageMs + WEIGHT * (lateMs - this.#averageMs);
  }
}
