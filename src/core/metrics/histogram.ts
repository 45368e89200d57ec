/** Percentiles of a latency distribution, in milliseconds. */
export interface Distribution {
  count: number;
  p50Ms: number;
  p90Ms: number;
  p99Ms: number;
}

/** The percentiles of a distribution, as shares. */
export const SHARES = [0.5, 0.9, 0.99] as const;

/** The contents of a histogram. They can be added across instances and time. */
export interface Buckets {
  /** The number of values up to each of `BOUNDS_MS` and above the one before; last, those above all bounds. */
  counts: readonly number[];
  /** The sum of all values, in milliseconds. */
  sumMs: number;
}

/**
 * The bounds of every histogram, in milliseconds, from 0.1 ms to over ten minutes, five per power of ten. All
 * histograms share them, so that they can be merged. Bounds differ by a factor of at most 1.6, which limits the error
 * of a percentile.
 */
export const BOUNDS_MS: readonly number[] = [
  0.1, 0.16, 0.25, 0.4, 0.63, 1, 1.6, 2.5, 4, 6.3, 10, 16, 25, 40, 63, 100, 160, 250, 400, 630, 1_000, 1_600, 2_500,
  4_000, 6_300, 10_000, 16_000, 25_000, 40_000, 63_000, 100_000, 160_000, 250_000, 400_000, 630_000,
];

/** Counts values by size. Recording one takes a few comparisons and allocates nothing. */
export class Histogram {
  readonly #counts = new Float64Array(BOUNDS_MS.length + 1);
  #sumMs = 0;

  /** Records a value. Negative values (clock skew) count as zero; NaN is ignored. */
  observe(valueMs: number, times = 1): void {
    if (Number.isNaN(valueMs)) return;
    const value = Math.max(valueMs, 0);
    const index = bucketOf(value);
    this.#counts[index] = (this.#counts[index] ?? 0) + times;
    this.#sumMs += value * times;
  }

  get buckets(): Buckets {
    return { counts: [...this.#counts], sumMs: this.#sumMs };
  }
}

/** The first bucket whose bound is not below the value. */
function bucketOf(valueMs: number): number {
  let [from, to] = [0, BOUNDS_MS.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (valueMs <= (BOUNDS_MS[middle] ?? Infinity)) to = middle;
    else from = middle + 1;
  }
  return from;
}

/** Estimates the percentiles of bucketed values, assuming an even spread within each bucket. */
export function distributionIn({ counts }: Buckets): Distribution {
  const count = counts.reduce((sum, one) => sum + one, 0);
  const [p50Ms, p90Ms, p99Ms] = SHARES.map((share) => percentile(counts, share * count));
  return { count, p50Ms: p50Ms ?? 0, p90Ms: p90Ms ?? 0, p99Ms: p99Ms ?? 0 };
}

/** The value at a rank. */
function percentile(counts: readonly number[], rank: number): number {
  let below = 0;
  for (const [index, inside] of counts.entries()) {
    if (inside > 0 && below + inside >= rank) {
      const lower = BOUNDS_MS[index - 1] ?? 0;
      const upper = BOUNDS_MS[index] ?? lower; // values above all bounds are not resolved further
      return lower + (upper - lower) * ((rank - below) / inside);
    }
    below += inside;
  }
  return 0;
}

/** Computes the percentiles of values. Sorts them. */
export function distributionOf(valuesMs: Float64Array): Distribution {
  valuesMs.sort();
  const { length: count } = valuesMs;
  const [p50Ms, p90Ms, p99Ms] = SHARES.map((share) => valuesMs[Math.max(Math.ceil(share * count) - 1, 0)]);
  return { count, p50Ms: Math.max(p50Ms ?? 0, 0), p90Ms: Math.max(p90Ms ?? 0, 0), p99Ms: Math.max(p99Ms ?? 0, 0) };
}
