import sortedBtree from "sorted-btree";
import type { PoolKey } from "../../core/pools.js";
import type { Waiter } from "./state.js";

// The package is CommonJS: its class is the `default` of the module's default export.
const BTree = sortedBtree.default;
type Pool = InstanceType<typeof BTree<Waiter, undefined>>;

/** The queues of attached waiters, each longest wait first. A waiter leaves all of its pools at once: none goes stale. */
export class Pools {
  readonly #pools = new Map<PoolKey, Pool>();
  readonly #members = new Set<Waiter>();

  /** How many waiters stand in the pools. */
  get size(): number {
    return this.#members.size;
  }

  /** Since when each of them waits, in milliseconds. */
  *waits(): Iterable<number> {
    for (const { ticket } of this.#members) yield ticket.sinceMs;
  }

  add(waiter: Waiter): void {
    if (this.#members.has(waiter)) return;
    this.#members.add(waiter);
    for (const key of waiter.placement.waitIn) {
      let pool = this.#pools.get(key);
      if (pool === undefined) this.#pools.set(key, (pool = new BTree<Waiter, undefined>(undefined, byWait)));
      pool.set(waiter, undefined);
    }
  }

  remove(waiter: Waiter): void {
    if (!this.#members.delete(waiter)) return;
    for (const key of waiter.placement.waitIn) {
      const pool = this.#pools.get(key);
      if (pool === undefined) continue;
      pool.delete(waiter);
      if (pool.size === 0) this.#pools.delete(key);
    }
  }

  /**
   * The longest-waiting of the first tier in which `admits` takes somebody. In each pool it goes past those refused and
   * no further than the first one taken, so it costs as much as there are refused ones at the head.
   */
  find(tiers: readonly (readonly PoolKey[])[], admits: (waiter: Waiter) => boolean): Waiter | undefined {
    for (const tier of tiers) {
      let best: Waiter | undefined;
      for (const key of tier) {
        const first = this.#firstIn(key, admits, best);
        if (first !== undefined) best = first;
      }
      if (best !== undefined) return best;
    }
    return undefined;
  }

  /** The first admitted waiter of a pool who has waited longer than `rival`. */
  #firstIn(key: PoolKey, admits: (waiter: Waiter) => boolean, rival: Waiter | undefined): Waiter | undefined {
    const pool = this.#pools.get(key);
    for (let waiter = pool?.minKey(); waiter !== undefined; waiter = pool?.nextHigherKey(waiter)) {
      if (rival !== undefined && byWait(waiter, rival) >= 0) return undefined;
      if (admits(waiter)) return waiter;
    }
    return undefined;
  }
}

function byWait(a: Waiter, b: Waiter): number {
  return a.ticket.sinceMs - b.ticket.sinceMs || a.order - b.order;
}
