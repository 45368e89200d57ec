import type { Clock } from "../../ports/clock.js";
import type { Random } from "../../ports/random.js";
import { Courier, type Outcome } from "./courier.js";
import type { Half } from "./half.js";
import { Patience, Stopped } from "./patience.js";

/** Relays one match between two realms until it ends in one of them, which ends it in the other. */
export class MatchRelay {
  readonly #patience: Patience;
  readonly #couriers: readonly Courier[];
  /** Resolves with the outcome; undefined if it was stopped. */
  readonly over: Promise<Outcome | undefined>;

  constructor(
    readonly home: Half,
    abroad: Half,
    parts: { clock: Clock; random: Random; onError: (error: unknown) => void },
  ) {
    const { clock, random, onError } = parts;
    this.#patience = new Patience(clock, random);
    this.#couriers = [
      new Courier(home, abroad, this.#patience, clock),
      new Courier(abroad, home, this.#patience, clock),
    ];
    this.over = Promise.race(this.#couriers.map((courier) => courier.run()))
      .catch((error: unknown) => {
        if (!(error instanceof Stopped)) onError(error);
        return undefined;
      })
      .finally(() => {
        this.stop();
      });
  }

  /** Stops relaying without ending the match. */
  stop(): void {
    this.#patience.stop();
    for (const courier of this.#couriers) courier.wake();
  }
}
