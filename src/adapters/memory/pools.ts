import { cross, type PoolKey, seekPools, waitMarks } from "../../core/pools.js";
import { Queue } from "./queue.js";
import type { Waiter } from "./state.js";
import { Walk } from "./walk.js";

/** Waiters who stand in the same pools, by their places. */
export interface Line {
  readonly key: string;
  readonly waiters: Queue<Waiter>;
  readonly pools: readonly Pool[];
}

/** Lines by the places of their first waiters. */
export interface Pool {
  readonly key: PoolKey;
  readonly lines: Queue<Line>;
}

/**
 * The pools of attached waiters. A waiter stands in up to 66 of them, so they hold lines of waiters with the same pools:
 * who joins a line behind its first waiter, or leaves from there, touches the line alone. In a large crowd there are far
 * fewer lines than waiters, so the pools stay small.
 */
export class Pools {
  readonly #pools = new Map<PoolKey, Pool>();
  readonly #lines = new Map<string, Line>();
  /** All waiters; each knows its index. */
  readonly #members: Waiter[] = [];
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

  /** All waiters, in no order. */
  all(): Iterable<Waiter> {
    return this.#members;
  }

  has(waiter: Waiter): boolean {
    return waiter.line !== undefined;
  }

  add(waiter: Waiter): void {
    if (this.has(waiter)) return;
    while (this.#taken.has(waiter.place)) waiter.place++;
    this.#taken.add(waiter.place);
    const line = this.#lineOf(waiter);
    waiter.line = line;
    waiter.index = this.#members.push(waiter) - 1;
    const before = line.waiters.firstPlace;
    line.waiters.add(waiter.place, waiter);
    if (line.waiters.firstPlace !== before) this.#moveFrom(before, line);
  }

  remove(waiter: Waiter): void {
    const { line } = waiter;
    if (line === undefined) return;
    this.#removeMember(waiter);
    waiter.line = undefined;
    this.#taken.delete(waiter.place);
    line.waiters.delete(waiter.place);
    if (line.waiters.firstPlace > waiter.place) this.#moveFrom(waiter.place, line);
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
      places += walk.places;
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

  #lineOf({ ticket, stage }: Waiter): Line {
    const marks = waitMarks(ticket, stage);
    const key = JSON.stringify(marks);
    let line = this.#lines.get(key);
    if (line === undefined) {
      line = { key, waiters: new Queue(), pools: cross(marks).map((pool) => this.#poolAt(pool)) };
      this.#lines.set(key, line);
    }
    return line;
  }

  #poolAt(key: PoolKey): Pool {
    let pool = this.#pools.get(key);
    if (pool === undefined) {
      pool = { key, lines: new Queue() };
      this.#pools.set(key, pool);
    }
    return pool;
  }

  /** Gives a line the place of its present first waiter in its pools. Without one, it leaves them. */
  #moveFrom(before: number, line: Line): void {
    const { firstPlace } = line.waiters;
    for (const { key, lines } of line.pools) {
      if (before !== Infinity) lines.delete(before);
      if (firstPlace !== Infinity) lines.add(firstPlace, line);
      else if (lines.first === undefined) this.#pools.delete(key);
    }
    if (firstPlace === Infinity) this.#lines.delete(line.key);
  }

  /** Removes a waiter from the list; the last one takes its index. */
  #removeMember(waiter: Waiter): void {
    const last = this.#members.pop();
    if (last === undefined || last === waiter) return;
    this.#members[waiter.index] = last;
    last.index = waiter.index;
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
