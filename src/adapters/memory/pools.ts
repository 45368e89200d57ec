import { type PoolKey, seekPools, waitPools } from "../../core/pools.js";
import { BTree } from "./btree.js";
import type { Waiter } from "./state.js";

/** A queue of waiters. */
export interface Pool {
  readonly key: PoolKey;
  readonly waiters: InstanceType<typeof BTree<Waiter, undefined>>;
}

/** The queues of attached waiters, each with the highest rank first. A waiter leaves all of its pools at once. */
export class Pools {
  readonly #pools = new Map<PoolKey, Pool>();
  /** All waiters, and the index of each in that list. */
  readonly #members: Waiter[] = [];
  readonly #places = new Map<Waiter, number>();

  /** Number of waiters in the pools. */
  get size(): number {
    return this.#members.length;
  }

  /** Yields the starts of all waits, or of `max` waits sampled evenly from the list. */
  *waits(max: number): Iterable<number> {
    const count = Math.min(this.size, max);
    for (let index = 0; index < count; index++) {
      const waiter = this.#members[Math.floor((index * this.size) / count)];
      if (waiter !== undefined) yield waiter.ticket.sinceMs;
    }
  }

  has(waiter: Waiter): boolean {
    return this.#places.has(waiter);
  }

  add(waiter: Waiter): void {
    if (this.has(waiter)) return;
    this.#places.set(waiter, this.#members.push(waiter) - 1);
    waiter.standsIn = waitPools(waiter.ticket, waiter.stage).map((key) => this.#poolAt(key));
    for (const { waiters } of waiter.standsIn) waiters.set(waiter, undefined);
  }

  remove(waiter: Waiter): void {
    if (!this.#removeMember(waiter)) return;
    for (const { key, waiters } of waiter.standsIn) {
      waiters.delete(waiter);
      if (waiters.size === 0) this.#pools.delete(key);
    }
    waiter.standsIn = [];
  }

  #poolAt(key: PoolKey): Pool {
    let pool = this.#pools.get(key);
    if (pool === undefined) {
      pool = { key, waiters: new BTree<Waiter, undefined>(undefined, byRank) };
      this.#pools.set(key, pool);
    }
    return pool;
  }

  /** Removes a waiter from the list; the last one takes its place. Returns whether it was in the list. */
  #removeMember(waiter: Waiter): boolean {
    const place = this.#places.get(waiter);
    if (place === undefined) return false;
    const last = this.#members.pop();
    if (last !== undefined && last !== waiter) {
      this.#members[place] = last;
      this.#places.set(last, place);
    }
    return this.#places.delete(waiter);
  }

  /**
   * Continues a search, tier by tier, the highest rank first, until `admits` accepts a waiter, all were seen, or `max`
   * is reached. A waiter that stands in several pools is visited once. Updates `seeker.search`, which is undefined
   * after the last place.
   * @returns the number of places passed, and the waiter accepted
   */
  find(
    seeker: Waiter,
    max: { visits: number; places: number },
    admits: (waiter: Waiter) => boolean,
  ): { places: number; found?: Waiter } {
    const { search, ticket, stage } = seeker;
    let [visits, places] = [0, 0];
    if (search === undefined || max.places <= 0) return { places };
    const seen = new Set([seeker]);
    for (; search.tier <= stage; search.tier++, search.after = undefined) {
      const walk = new Walk(this.#poolsOf(seekPools(ticket, search.tier)), search.after);
      for (let waiter = walk.next(); waiter !== undefined; waiter = walk.next()) {
        search.after = waiter;
        places += walk.places;
        if (!seen.has(waiter)) {
          if (admits(waiter)) return { places, found: waiter };
          visits++;
          seen.add(waiter);
        }
        if (visits === max.visits || places >= max.places) return { places };
      }
    }
    seeker.search = undefined;
    return { places };
  }

  #poolsOf(keys: readonly PoolKey[]): Pool[] {
    const pools: Pool[] = [];
    for (const key of keys) {
      const pool = this.#pools.get(key);
      if (pool !== undefined) pools.push(pool);
    }
    return pools;
  }
}

/** Walks several pools as one queue: the highest rank first, each waiter once. */
class Walk {
  /** Number of these pools in which the last waiter stands. */
  places = 0;
  /** The next waiter of each pool. */
  readonly #heads: (Waiter | undefined)[];

  constructor(
    private readonly pools: readonly Pool[],
    private last: Waiter | undefined,
  ) {
    this.#heads = pools.map((pool) => (last === undefined ? pool.waiters.minKey() : pool.waiters.nextHigherKey(last)));
  }

  next(): Waiter | undefined {
    let first: Waiter | undefined;
    let places = 0;
    for (let index = 0; index < this.pools.length; index++) {
      if (this.last !== undefined && this.#heads[index] === this.last) {
        this.#heads[index] = this.pools[index]?.waiters.nextHigherKey(this.last);
      }
      const head = this.#heads[index];
      if (head === undefined) continue;
      if (head === first) places++;
      else if (first === undefined || byRank(head, first) < 0) [first, places] = [head, 1];
    }
    this.places = places;
    this.last = first;
    return first;
  }
}

function byRank(a: Waiter, b: Waiter): number {
  return a.rankMs - b.rankMs || a.order - b.order;
}
