/** Interval between measurements, in milliseconds. */
const SAMPLE_MS = 100;
/** Weight of the latest measurement in the average: one pause barely changes it, a second of pauses dominates it. */
const WEIGHT = 0.3;

/** A moving average of how late timers of the event loop fire. */
export class RecentLoopDelay {
  #averageMs = 0;
  #dueMs = performance.now() + SAMPLE_MS;
  readonly #timer = setInterval(() => {
    this.#sample();
  }, SAMPLE_MS).unref();

  get ms(): number {
    const lateMs = performance.now() - this.#dueMs; // the timer may be overdue now
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
