import { randomFrom } from "../../support/unreliable-client.js";

/** Random numbers from a seed. */
export class Dice {
  readonly #random: () => number;

  constructor(seed: number) {
    this.#random = randomFrom(seed);
  }

  again(seed: number): Dice {
    return new Dice(seed);
  }

  /** An integer from 0 to `sides` - 1. */
  roll(sides: number): number {
    return Math.floor(this.#random() * sides);
  }

  /** True once in `sides` times on average. */
  hits(sides: number): boolean {
    return this.roll(sides) === 0;
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.roll(choices.length)] as T;
  }

  bytes(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => this.roll(256)));
  }
}
