/** A source of numbers from 0 to below 1. */
export type Random = () => number;

/** A log-normal distribution: its median, and the deviation of the logarithm; 0 for always the median. */
export interface LogNormal {
  median: number;
  sigma: number;
}

/** A value of the exponential distribution with mean 1. */
export function exponential(random: Random): number {
  return -Math.log(1 - random());
}

export function logNormal(random: Random, { median, sigma }: LogNormal): number {
  const radius = Math.sqrt(2 * exponential(random));
  return median * Math.exp(sigma * radius * Math.cos(2 * Math.PI * random()));
}

/** A number of trials from 1, with the given mean, of which each may be the last with the same probability. */
export function geometric(random: Random, mean: number): number {
  if (mean <= 1) return 1;
  return 1 + Math.floor(Math.log(1 - random()) / Math.log(1 - 1 / mean));
}

/** Draws indices with probabilities in proportion to weights. */
export class Weighted {
  readonly #sums: number[] = [];
  readonly #total: number;

  constructor(weights: readonly number[]) {
    let sum = 0;
    for (const weight of weights) this.#sums.push((sum += weight));
    this.#total = sum;
  }

  draw(random: Random): number {
    const drawn = random() * this.#total;
    let [from, to] = [0, this.#sums.length - 1];
    while (from < to) {
      const middle = (from + to) >> 1;
      if (drawn < (this.#sums[middle] ?? Infinity)) to = middle;
      else from = middle + 1;
    }
    return from;
  }
}

/** The weights of Zipf's law: the nth most frequent of `count` is n times as rare as the first. */
export function zipf(count: number): number[] {
  return Array.from({ length: count }, (_, index) => 1 / (index + 1));
}
