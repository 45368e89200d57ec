import { type PoolKey, seekPools, waitPools } from "../../core/pools.js";
import { BTree } from "./btree.js";
import type { Waiter } from "./state.js";

/** A queue of waiters. */
export interface Pool {
  readonly key: PoolKey;
  /** By their places. */
  readonly waiters: InstanceType<typeof BTree<number, Waiter>>;
}

/** The queues of attached waiters, each with the highest rank first. A waiter leaves all of its pools at once. */
export class Pools {
  readonly #pools = new Map<PoolKey, Pool>();
  /** All waiters, and the index of each in that list. */
  readonly #members: Waiter[] = [];
  readonly #indices = new Map<Waiter, number>();
  readonly #taken = new Set<number>();

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
    return this.#indices.has(waiter);
  }

  add(waiter: Waiter): void {
    if (this.has(waiter)) return;
    this.#indices.set(waiter, this.#members.push(waiter) - 1);
    while (this.#taken.has(waiter.place)) waiter.place++;
    this.#taken.add(waiter.place);
    waiter.standsIn = waitPools(waiter.ticket, waiter.stage).map((key) => this.#poolAt(key));
    for (const { waiters } of waiter.standsIn) waiters.set(waiter.place, waiter);
  }

  remove(waiter: Waiter): void {
    if (!this.#removeMember(waiter)) return;
    this.#taken.delete(waiter.place);
    for (const { key, waiters } of waiter.standsIn) {
      waiters.delete(waiter.place);
      if (waiters.size === 0) this.#pools.delete(key);
    }
    waiter.standsIn = [];
  }

  #poolAt(key: PoolKey): Pool {
    let pool = this.#pools.get(key);
    if (pool === undefined) {
      pool = { key, waiters: new BTree<number, Waiter>(undefined, inOrder) };
      this.#pools.set(key, pool);
    }
    return pool;
  }

  /** Removes a waiter from the list; the last one takes its place. Returns whether it was in the list. */
  #removeMember(waiter: Waiter): boolean {
    const index = this.#indices.get(waiter);
    if (index === undefined) return false;
    const last = this.#members.pop();
    if (last !== undefined && last !== waiter) {
      this.#members[index] = last;
      this.#indices.set(last, index);
    }
    return this.#indices.delete(waiter);
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
        search.after = waiter.place;
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
  /** The place of the next waiter of each pool. */
  readonly #heads: (number | undefined)[];

  constructor(
    private readonly pools: readonly Pool[],
    private last: number | undefined,
  ) {
    this.#heads = pools.map(({ waiters }) => (last === undefined ? waiters.minKey() : waiters.nextHigherKey(last)));
  }

  next(): Waiter | undefined {
    let first: number | undefined;
    let inPool: Pool | undefined;
    let places = 0;
    for (let index = 0; index < this.pools.length; index++) {
      const pool = this.pools[index];
      if (this.last !== undefined && this.#heads[index] === this.last) {
        this.#heads[index] = pool?.waiters.nextHigherKey(this.last);
      }
      const head = this.#heads[index];
      if (head === undefined) continue;
      if (head === first) places++;
      else if (first === undefined || head < first) [first, inPool, places] = [head, pool, 1];
    }
    this.places = places;
    this.last = first;
    return first === undefined ? undefined : inPool?.waiters.get(first);
  }
}

function inOrder(a: number, b: number): number {
  return a - b;
}
