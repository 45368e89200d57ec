/** The ratio of the bounds of a bucket. A value is reported as the middle of its bucket, at most 1 % from it. */
const RATIO = 1.02;
const LOG_RATIO = Math.log(RATIO);
/** The largest relative error of a percentile. */
export const MAX_ERROR = Math.sqrt(RATIO) - 1;
/** Buckets up to 10 days; above it, all values are in the last one. */
const BUCKETS = Math.ceil(Math.log(864_000_000) / LOG_RATIO) + 1;

/** Counts values of 1 ms and more in buckets of equal ratio, and those below as 0. Its size does not grow. */
export class LogHistogram {
  readonly #counts = new Float64Array(BUCKETS);
  #zeros = 0;
  #count = 0;
  #max = 0;

  get count(): number {
    return this.#count;
  }

  /** The largest value, exactly. */
  get max(): number {
    return this.#max;
  }

  observe(value: number): void {
    this.#count++;
    this.#max = Math.max(this.#max, value);
    if (value < 1) {
      this.#zeros++;
      return;
    }
    const bucket = Math.min(Math.floor(Math.log(value) / LOG_RATIO), BUCKETS - 1);
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
  }

  /** The smallest value that at least this share of all values does not exceed (nearest rank); 0 without values. */
  percentile(share: number): number {
    const rank = Math.max(1, Math.ceil(share * this.#count));
    let below = this.#zeros;
    if (below >= rank) return 0;
    for (const [bucket, count] of this.#counts.entries()) {
      below += count;
      if (below >= rank) return Math.min(this.#max, RATIO ** (bucket + 0.5));
    }
    return this.#max;
  }

  add(other: LogHistogram): void {
    this.#zeros += other.#zeros;
    this.#count += other.#count;
    this.#max = Math.max(this.#max, other.#max);
    for (const [bucket, count] of other.#counts.entries()) this.#counts[bucket] = (this.#counts[bucket] ?? 0) + count;
  }
}
