import { randomFrom } from "../../support/wanderer.js";

/** Chance that a seed decides. */
export class Dice {
  readonly #random: () => number;

  constructor(seed: number) {
    this.#random = randomFrom(seed);
  }

  again(seed: number): Dice {
    return new Dice(seed);
  }

  /** A whole number from 0 to `sides` - 1. */
  roll(sides: number): number {
    return Math.floor(this.#random() * sides);
  }

  /** Whether something happens that happens once in `sides` times. */
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
