import { Fifo } from "./fifo.js";

/** Calls back in the next turn of the event loop, as `setImmediate` does. */
export type NextTurn = (act: () => void) => unknown;

/** What may begin in one turn of the event loop. */
export class TurnBudget {
  #used = 0;
  #isCounting = false;

  /** @param onTurn called in the turn after one in which something began */
  constructor(
    private readonly perTurn: number,
    private readonly nextTurn: NextTurn,
    private readonly onTurn: () => void,
  ) {}

  get isSpent(): boolean {
    return this.#used >= this.perTurn;
  }

  spend(): void {
    this.#used++;
    if (this.#isCounting) return;
    this.#isCounting = true;
    this.nextTurn(() => {
      this.#isCounting = false;
      this.#used = 0;
      this.onTurn();
    });
  }
}

/**
 * Runs actions in the order they came, a bounded number in each turn of the event loop, so that what happens to thousands
 * of streams at once holds up nothing else for long. Within that number, an action runs immediately.
 */
export class Turns {
  readonly #budget: TurnBudget;
  readonly #waiting = new Fifo<() => void>();

  constructor(perTurn: number, nextTurn: NextTurn) {
    this.#budget = new TurnBudget(perTurn, nextTurn, () => {
      this.#go();
    });
  }

  run(act: () => void): void {
    this.#waiting.push(act);
    this.#go();
  }

  /** Runs the action for each item, then `done`. */
  each<T>(items: Iterable<T>, act: (item: T) => void, done?: () => void): void {
    const iterator = items[Symbol.iterator]();
    const step = () => {
      const next = iterator.next();
      if (next.done === true) {
        done?.();
        return;
      }
      this.#waiting.push(step);
      act(next.value);
    };
    this.run(step);
  }

  #go(): void {
    while (!this.#budget.isSpent) {
      const act = this.#waiting.shift();
      if (act === undefined) return;
      this.#budget.spend();
      act();
    }
  }
}
