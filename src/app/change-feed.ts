import { isStoreAway } from "../core/errors.js";
import type { Clock } from "../ports/clock.js";
import { Notifier, waitFor } from "./notifier.js";

/** How often a reader polls for changes by other instances, in milliseconds. */
const POLL_MS = 500;
/** How many items a reader reads at once. */
const BATCH_SIZE = 100;

/** Lets readers follow a numbered list as it grows. */
export class ChangeFeed<T extends { number: number }> {
  readonly #notifiers = new Set<Notifier>();

  /** @param read returns items with a higher number, the lowest first, at most `limit` */
  constructor(
    private readonly read: (after: number, limit: number) => Promise<T[]>,
    private readonly clock: Clock,
  ) {}

  /** Wakes all readers. */
  notify(): void {
    for (const notifier of this.#notifiers) notifier.notify();
  }

  /** Yields every item after a number, once and in order: the existing ones, then new ones of any instance. */
  async *watch(after: number, signal: AbortSignal): AsyncGenerator<T, void, undefined> {
    const notifier = new Notifier();
    this.#notifiers.add(notifier);
    try {
      while (!signal.aborted) {
        const items = await this.#after(after);
        yield* items;
        after = items.at(-1)?.number ?? after;
        if (items.length === 0) await waitFor(notifier, signal, { clock: this.clock, ms: POLL_MS });
      }
    } finally {
      this.#notifiers.delete(notifier);
    }
  }

  /** While the store is unavailable there are no items, and readers wait. */
  async #after(number: number): Promise<T[]> {
    try {
      return await this.read(number, BATCH_SIZE);
    } catch (error) {
      if (!isStoreAway(error)) throw error;
      return [];
    }
  }
}
