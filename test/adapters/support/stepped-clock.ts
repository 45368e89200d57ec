import type { Clock } from "../../../src/ports/clock.js";

/** A clock that the test advances, with the timers that are due then. */
export class SteppedClock implements Clock {
  #nowMs = 1_000_000;
  readonly #timers = new Map<() => void, number>();

  nowMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, run: () => void): () => void {
    this.#timers.set(run, this.#nowMs + delayMs);
    return () => this.#timers.delete(run);
  }

  /** How long until the next timer is due. */
  get nextMs(): number {
    return Math.min(...this.#timers.values()) - this.#nowMs;
  }

  get pending(): number {
    return this.#timers.size;
  }

  advance(ms: number): void {
    this.#nowMs += ms;
    for (const [run, atMs] of this.#timers) {
      if (atMs > this.#nowMs) continue;
      this.#timers.delete(run);
      run();
    }
  }
}
