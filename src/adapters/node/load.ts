import type { Load } from "../../ports/load.js";

/** How often the delay is measured, in milliseconds. */
const SAMPLE_MS = 100;
/** Share of the newest measurement in the average: a single pause says little, a second of them says all. */
const WEIGHT = 0.3;

/** Measures how late a timer of the event loop fires. */
export class LoopLoad implements Load {
  #averageMs = 0;
  #dueMs = performance.now() + SAMPLE_MS;
  readonly #timer = setInterval(() => {
    this.#sample();
  }, SAMPLE_MS).unref();

  loopDelayMs(): number {
    const lateMs = performance.now() - this.#dueMs; // it may run behind just now
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
