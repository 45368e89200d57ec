import { BTree } from "./btree.js";

interface Entry<T> {
  dueMs: number;
  order: number;
  item: T;
}

/** Items sorted by deadline. An item has at most one deadline; setting another replaces it. */
export class DeadlineQueue<T extends object> {
  readonly #byDeadline = new BTree<Entry<T>>(undefined, (a, b) => a.dueMs - b.dueMs || a.order - b.order);
  readonly #entries = new Map<T, Entry<T>>();
  #order = 0;

  get size(): number {
    return this.#entries.size;
  }

  set(item: T, dueMs: number): void {
    this.delete(item);
    const entry = { dueMs, order: this.#order++, item };
    this.#entries.set(item, entry);
    this.#byDeadline.set(entry, undefined);
  }

  delete(item: T): void {
    const entry = this.#entries.get(item);
    if (entry === undefined) return;
    this.#entries.delete(item);
    this.#byDeadline.delete(entry);
  }

  /** Removes and returns the first item that is due at `nowMs`, if any. */
  take(nowMs: number): T | undefined {
    const first = this.#byDeadline.minKey();
    if (first === undefined || first.dueMs > nowMs) return undefined;
    this.delete(first.item);
    return first.item;
  }

  /** The next deadline; undefined if there is none. */
  get nextMs(): number | undefined {
    return this.#byDeadline.minKey()?.dueMs;
  }
}
