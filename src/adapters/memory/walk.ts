import type { Line, Pool } from "./pools.js";
import type { Waiter } from "./state.js";

/** A line whose first waiter was passed. */
interface PassedLine {
  readonly line: Line;
  /** In how many of the pools it stands. */
  readonly pools: number;
  /** The place of its next waiter; Infinity if there is none. */
  next: number;
}

/** How many lines a continued walk passes again at the cost of one place. */
const LINES_PER_PLACE = 64;

/**
 * Iterates over several pools as one queue: the highest rank first, each waiter once. All waiters in the pools of a search
 * fit, so only avoided partners are passed, and few lines have more than their first waiter read.
 */
export class Walk {
  /** The places that the last step passed: the number of these pools in which the last waiter stands. */
  places = 0;
  /** The place of the next line of each pool; Infinity if there is none. */
  readonly #heads: number[];
  readonly #passed: PassedLine[] = [];
  #last: number;

  /** @param last the place after which the walk continues; undefined at the start */
  constructor(
    private readonly pools: readonly Pool[],
    last: number | undefined,
  ) {
    this.#last = last ?? -Infinity;
    this.#heads = pools.map(({ lines }) => lines.firstPlace);
    if (last !== undefined) this.#passUpTo(last);
  }

  next(): Waiter | undefined {
    this.#pass(this.#last);
    let [place, places] = [Infinity, 0];
    let pool: Pool | undefined;
    for (let index = 0; index < this.pools.length; index++) {
      const head = this.#heads[index] ?? Infinity;
      if (head === place) places++;
      else if (head < place) [place, places, pool] = [head, 1, this.pools[index]];
    }
    let line: Line | undefined;
    for (const passed of this.#passed) {
      if (passed.next < place) [place, places, line] = [passed.next, passed.pools, passed.line];
    }
    this.places = places;
    this.#last = place;
    return (line ?? pool?.lines.at(place))?.waiters.at(place);
  }

  /** Moves from a place to what follows it. */
  #pass(place: number): void {
    for (const passed of this.#passed) {
      if (passed.next === place) passed.next = nextIn(passed.line, place);
    }
    let pools = 0;
    let line: Line | undefined;
    for (let index = 0; index < this.pools.length; index++) {
      if (this.#heads[index] !== place) continue;
      const lines = this.pools[index]?.lines;
      line ??= lines?.at(place);
      this.#heads[index] = lines?.after(place)?.[0] ?? Infinity;
      pools++;
    }
    this.#add(line, pools, place);
  }

  /** Passes all lines up to a place again: beyond it, more of their waiters may stand. */
  #passUpTo(place: number): void {
    const passed = new Map<Line, number>();
    let count = 0;
    for (const [index, { lines }] of this.pools.entries()) {
      let next = lines.after(-Infinity);
      for (; next !== undefined && next[0] <= place; next = lines.after(next[0])) {
        passed.set(next[1], (passed.get(next[1]) ?? 0) + 1);
        count++;
      }
      this.#heads[index] = next?.[0] ?? Infinity;
    }
    for (const [line, pools] of passed) this.#add(line, pools, place);
    this.places = Math.floor(count / LINES_PER_PLACE);
  }

  #add(line: Line | undefined, pools: number, place: number): void {
    if (line === undefined) return;
    const next = nextIn(line, place);
    if (next !== Infinity) this.#passed.push({ line, pools, next });
  }
}

function nextIn({ waiters }: Line, place: number): number {
  return waiters.after(place)?.[0] ?? Infinity;
}
