import type { Clock } from "../../src/ports/clock.js";

/** A clock that advances on request. */
export class SlowClock implements Clock {
  #nowMs = 1_000_000;
  #due: { atMs: number; run: () => void }[] = [];

  nowMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, run: () => void): () => void {
    const one = { atMs: this.#nowMs + delayMs, run };
    this.#due.push(one);
    return () => (this.#due = this.#due.filter((other) => other !== one));
  }

  /** Advances to what is due next, and runs it. */
  async next(): Promise<void> {
    const times = this.#due.map(({ atMs }) => atMs);
    if (times.length > 0) await this.pass(Math.max(0, Math.min(...times) - this.#nowMs));
  }

  async pass(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms;
    for (;;) {
      const next = this.#due.filter(({ atMs }) => atMs <= endMs).sort((a, b) => a.atMs - b.atMs)[0];
      if (next === undefined) break;
      this.#due = this.#due.filter((one) => one !== next);
      this.#nowMs = next.atMs;
      next.run();
      await new Promise(setImmediate);
    }
    this.#nowMs = endMs;
  }
}
