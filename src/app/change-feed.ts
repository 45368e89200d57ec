import { isStoreAway } from "../core/errors.js";
import type { Clock } from "../ports/clock.js";
import { Notifier } from "./notifier.js";

/** How often a watcher looks for what came elsewhere, in milliseconds. */
const WATCH_MS = 500;
/** How many items are read at once while they are watched. */
const WATCHED_AT_ONCE = 100;

/** Those who follow a numbered list as it grows. */
export class ChangeFeed<T extends { number: number }> {
  readonly #bells = new Set<Notifier>();

  /** @param read items with a higher number, the lowest first, at most `limit` */
  constructor(
    private readonly read: (after: number, limit: number) => Promise<T[]>,
    private readonly clock: Clock,
  ) {}

  /** There may be something new. */
  notify(): void {
    for (const bell of this.#bells) bell.notify();
  }

  /** Every item after a number, once and in order: those there are, then those that come, on whatever node. */
  async *watch(after: number, signal: AbortSignal): AsyncGenerator<T, void, undefined> {
    const bell = new Notifier();
    const ring = () => {
      bell.notify();
    };
    this.#bells.add(bell);
    signal.addEventListener("abort", ring);
    try {
      while (!signal.aborted) {
        const items = await this.#after(after);
        yield* items;
        after = items.at(-1)?.number ?? after;
        if (items.length > 0) continue;
        const cancel = this.clock.after(WATCH_MS, ring);
        await bell.wait();
        bell.reset();
        cancel();
      }
    } finally {
      signal.removeEventListener("abort", ring);
      this.#bells.delete(bell);
    }
  }

  /** While the store is away there is nothing to tell, and the watcher goes on. */
  async #after(number: number): Promise<T[]> {
    try {
      return await this.read(number, WATCHED_AT_ONCE);
    } catch (error) {
      if (!isStoreAway(error)) throw error;
      return [];
    }
  }
}
