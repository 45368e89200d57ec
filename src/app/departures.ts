import { Fifo } from "../core/fifo.js";
import { type NextTurn, TurnBudget } from "../core/turns.js";
import type { Pace } from "./pace.js";

interface Departure {
  leave: () => Promise<void>;
  settle: (left: Promise<void>) => void;
}

/** Releases the sessions of broken streams in the order they broke, at a bounded pace: thousands may break at once. */
export class Departures {
  readonly #waiting = new Fifo<Departure>();
  readonly #budget: TurnBudget;
  #underWay = 0;

  constructor(
    private readonly pace: Pace,
    nextTurn: NextTurn = setImmediate,
  ) {
    this.#budget = new TurnBudget(pace.perTurn, nextTurn, () => {
      this.#go();
    });
  }

  /** Leaves when it is this one's turn: immediately, unless many leave. */
  add(leave: () => Promise<void>): Promise<void> {
    return new Promise((settle) => {
      this.#waiting.push({ leave, settle });
      this.#go();
    });
  }

  #go(): void {
    while (!this.#budget.isSpent && this.#underWay < this.pace.atOnce) {
      const departure = this.#waiting.shift();
      if (departure === undefined) return;
      this.#budget.spend();
      this.#begin(departure);
    }
  }

  #begin({ leave, settle }: Departure): void {
    this.#underWay++;
    const left = leave();
    const end = () => {
      this.#underWay--;
      this.#go();
    };
    left.then(end, end);
    settle(left);
  }
}
