import { limits, PARTED_AT_ONCE } from "../../core/limits.js";

/** Pairs of people, browsers or sessions that parted, each kept for the same time; of too many, the oldest are dropped. */
export class Partings {
  /** When each pair may meet again, in the order in which they parted. */
  readonly #untilMs = new Map<string, number>();

  constructor(
    private readonly keptMs: number,
    private readonly maxPairs: number = limits.partedPairs,
  ) {}

  get size(): number {
    return this.#untilMs.size;
  }

  add(a: string, b: string, nowMs: number): void {
    const pair = nameOf(a, b);
    this.#untilMs.delete(pair);
    this.#untilMs.set(pair, nowMs + this.keptMs);
    this.forget(nowMs, PARTED_AT_ONCE);
  }

  /** Until when the two are kept apart; 0 if they are not. The time may be over. */
  untilMs(a: string, b: string): number {
    return this.#untilMs.get(nameOf(a, b)) ?? 0;
  }

  /** Forgets pairs that may meet again, and those beyond the limit, at most `limit`. */
  forget(nowMs: number, limit: number): void {
    let forgotten = 0;
    for (const [oldest, untilMs] of this.#untilMs) {
      if (forgotten++ === limit || (untilMs > nowMs && this.size <= this.maxPairs)) return;
      this.#untilMs.delete(oldest);
    }
  }
}

function nameOf(a: string, b: string): string {
  return (a < b ? [a, b] : [b, a]).join(" "); // flat in memory: a concatenation would keep its parts
}
