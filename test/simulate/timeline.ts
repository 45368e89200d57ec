import type { Clock } from "../../src/ports/clock.js";

interface Entry {
  atMs: number;
  order: number;
  run: () => void | Promise<void>;
  /** Whether it is a timer of the server, whose promises nobody waits for. */
  isTimer: boolean;
}

/** The simulated time: runs what is planned in the order of its times, and what has the same time in that of planning. */
export class Timeline implements Clock {
  /** A binary heap: no entry is earlier than that at half its index. */
  readonly #entries: Entry[] = [];
  #nowMs = 0;
  #order = 0;

  nowMs(): number {
    return this.#nowMs;
  }

  /** Timers of the server, as of its own clock. */
  after(delayMs: number, run: () => void): () => void {
    let isCancelled = false;
    const unlessCancelled = () => {
      if (!isCancelled) run();
    };
    this.#add(delayMs, unlessCancelled, true);
    return () => {
      isCancelled = true;
    };
  }

  /** @param delayMs is rounded to milliseconds, as the server counts them */
  plan(delayMs: number, run: () => void | Promise<void>): void {
    this.#add(Math.round(delayMs), run, false);
  }

  /** Runs the first entry. @returns false if there is none */
  async step(): Promise<boolean> {
    const first = this.#take();
    if (first === undefined) return false;
    this.#nowMs = first.atMs;
    await first.run();
    if (first.isTimer) await new Promise(setImmediate); // what the timer began has come to its next timer
    return true;
  }

  #add(delayMs: number, run: Entry["run"], isTimer: boolean): void {
    const entry = { atMs: this.#nowMs + delayMs, order: this.#order++, run, isTimer };
    const entries = this.#entries;
    let index = entries.length;
    while (index > 0) {
      const above = (index - 1) >> 1;
      const parent = entries[above];
      if (parent === undefined || isBefore(parent, entry)) break;
      entries[index] = parent;
      index = above;
    }
    entries[index] = entry;
  }

  #take(): Entry | undefined {
    const first = this.#entries[0];
    const last = this.#entries.pop();
    if (last !== undefined && this.#entries.length > 0) this.#sink(last);
    return first;
  }

  /** Puts an entry at the top, and moves it below all earlier ones. */
  #sink(entry: Entry): void {
    const entries = this.#entries;
    let index = 0;
    for (;;) {
      let below = 2 * index + 1;
      let child = entries[below];
      if (child === undefined) break;
      const sibling = entries[below + 1];
      if (sibling !== undefined && isBefore(sibling, child)) [below, child] = [below + 1, sibling];
      if (isBefore(entry, child)) break;
      entries[index] = child;
      index = below;
    }
    entries[index] = entry;
  }
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}
