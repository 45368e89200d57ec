import sortedBtree from "sorted-btree";
import type { PoolKey } from "../../core/pools.js";
import type { Waiter } from "./state.js";

// The package is CommonJS: its class is the `default` of the module's default export.
const BTree = sortedBtree.default;
type Pool = InstanceType<typeof BTree<Waiter, undefined>>;

/** The queues of attached waiters, each longest wait first. A waiter leaves all of its pools at once: none goes stale. */
export class Pools {
  readonly #pools = new Map<PoolKey, Pool>();
  /** All waiters, and where each of them stands in that list. */
  readonly #members: Waiter[] = [];
  readonly #places = new Map<Waiter, number>();

  /** How many waiters stand in the pools. */
  get size(): number {
    return this.#members.length;
  }

  /** Since when they wait, in milliseconds: all of them, or `most` from all over the list. */
  *waits(most: number): Iterable<number> {
    const count = Math.min(this.size, most);
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
    for (const key of waiter.placement.waitIn) {
      let pool = this.#pools.get(key);
      if (pool === undefined) this.#pools.set(key, (pool = new BTree<Waiter, undefined>(undefined, byWait)));
      pool.set(waiter, undefined);
    }
  }

  remove(waiter: Waiter): void {
    if (!this.#strike(waiter)) return;
    for (const key of waiter.placement.waitIn) {
      const pool = this.#pools.get(key);
      if (pool === undefined) continue;
      pool.delete(waiter);
      if (pool.size === 0) this.#pools.delete(key);
    }
  }

  /** Takes a waiter off the list: the last one moves to its place. Returns whether it was there. */
  #strike(waiter: Waiter): boolean {
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
   * Goes on with a search, tier by tier, the longest wait first, until `admits` takes somebody, all were seen, or it has
   * done its `most`. Everyone is visited once, in however many pools they stand. Moves the search; undefined is its end.
   * @returns how many places were passed, and who was taken
   */
  find(
    seeker: Waiter,
    most: { visits: number; places: number },
    admits: (waiter: Waiter) => boolean,
  ): { places: number; found?: Waiter } {
    const { search, placement } = seeker;
    let [visits, places] = [0, 0];
    if (search === undefined || most.places <= 0) return { places };
    const seen = new Set([seeker]);
    for (; search.tier < placement.seekIn.length; search.tier++, search.after = undefined) {
      const walk = new Walk(this.#poolsOf(placement.seekIn[search.tier] ?? []), search.after);
      for (let waiter = walk.next(); waiter !== undefined; waiter = walk.next()) {
        search.after = waiter;
        places += walk.places;
        if (!seen.has(waiter)) {
          if (admits(waiter)) return { places, found: waiter };
          visits++;
          seen.add(waiter);
        }
        if (visits === most.visits || places >= most.places) return { places };
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

/** Those who stand in several pools as one queue: the longest wait first, each once. */
class Walk {
  /** In how many of the pools the last one stands. */
  places = 0;
  /** Who is next in each pool. */
  readonly #heads: (Waiter | undefined)[];

  constructor(
    private readonly pools: readonly Pool[],
    private last: Waiter | undefined,
  ) {
    this.#heads = pools.map((pool) => (last === undefined ? pool.minKey() : pool.nextHigherKey(last)));
  }

  next(): Waiter | undefined {
    let first: Waiter | undefined;
    let places = 0;
    for (let index = 0; index < this.pools.length; index++) {
      if (this.last !== undefined && this.#heads[index] === this.last) {
        this.#heads[index] = this.pools[index]?.nextHigherKey(this.last);
      }
      const head = this.#heads[index];
      if (head === undefined) continue;
      if (head === first) places++;
      else if (first === undefined || byWait(head, first) < 0) [first, places] = [head, 1];
    }
    this.places = places;
    this.last = first;
    return first;
  }
}

function byWait(a: Waiter, b: Waiter): number {
  return a.ticket.sinceMs - b.ticket.sinceMs || a.order - b.order;
}
