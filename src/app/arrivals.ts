import { Fifo } from "../core/fifo.js";
import { type NextTurn, TurnBudget } from "../core/turns.js";
import type { Pace } from "./pace.js";

/** Of so many streams that open while both wait, one is of a newcomer. */
const NEWCOMER_EVERY = 8;
/** Queue length from which `onWait` is called, as the wait is noticeable. */
const LONG_QUEUE = 128;
/** How many newcomers may wait. Those who come back are as many as connections are allowed. */
const MAX_NEWCOMERS = 1_000;

/** A client that opens a stream. */
export interface StreamClient {
  /** Whether the client has disconnected, so that nothing needs to be opened. */
  isGone: () => boolean;
  /** Called if it takes a while until the stream can be opened. */
  onWait: () => void;
}

export interface Arrival extends StreamClient {
  /** Whether this is a new session, and not one that comes back. */
  isNew: boolean;
}

interface Waiting {
  isGone: () => boolean;
  begin: () => Promise<unknown>;
  cancel: () => void;
}

/** The client disconnected while it waited. */
export class GoneError extends Error {
  override readonly name = "GoneError";
}

/**
 * Opens streams at a bounded pace: those that come back in the order of their arrival, and newcomers after them. While
 * both wait, a small share of the places is for newcomers.
 */
export class Arrivals {
  readonly #returning = new Fifo<Waiting>();
  readonly #newcomers = new Fifo<Waiting>();
  readonly #budget: TurnBudget;
  #underWay = 0;
  #sinceNewcomer = 0;

  /** @param refuse refuses a newcomer, as too many wait */
  constructor(
    private readonly pace: Pace,
    private readonly refuse: () => never,
    nextTurn: NextTurn = setImmediate,
  ) {
    this.#budget = new TurnBudget(pace.perTurn, nextTurn, () => {
      this.#go();
    });
  }

  /**
   * Opens a stream when it is its turn: immediately, unless many arrive.
   * @throws DomainError `limit_reached` if too many newcomers wait; GoneError if the client disconnected meanwhile
   */
  async admit<T>({ isNew, isGone, onWait }: Arrival, open: () => Promise<T>): Promise<T> {
    if (isNew && this.#newcomers.size >= MAX_NEWCOMERS) this.refuse();
    if (this.#returning.size + this.#newcomers.size >= LONG_QUEUE) onWait();
    return new Promise((resolve, reject) => {
      const begin = () => {
        const opened = open();
        resolve(opened);
        return opened;
      };
      const cancel = () => {
        reject(new GoneError("the client disconnected"));
      };
      (isNew ? this.#newcomers : this.#returning).push({ isGone, begin, cancel });
      this.#go();
    });
  }

  #go(): void {
    while (!this.#budget.isSpent && this.#underWay < this.pace.atOnce) {
      const next = this.#next();
      if (next === undefined) return;
      if (next.isGone()) {
        next.cancel();
        continue;
      }
      this.#budget.spend();
      this.#begin(next);
    }
  }

  #next(): Waiting | undefined {
    const isForNewcomer = this.#returning.size === 0 || ++this.#sinceNewcomer >= NEWCOMER_EVERY;
    const newcomer = isForNewcomer ? this.#newcomers.shift() : undefined;
    if (newcomer === undefined) return this.#returning.shift();
    this.#sinceNewcomer = 0;
    return newcomer;
  }

  #begin({ begin }: Waiting): void {
    this.#underWay++;
    const end = () => {
      this.#underWay--;
      this.#go();
    };
    begin().then(end, end);
  }
}
