import { Overflow } from "../../src/app/overflow/overflow.js";
import type { Neighbour } from "../../src/ports/neighbour.js";
import type { Clock } from "../../src/ports/clock.js";
import type { VisitOutcome } from "../../src/ports/meter.js";
import { systemRandom } from "../../src/adapters/node/random.js";
import { steadyClock } from "../../src/adapters/node/clock.js";
import { LobbyHarness, type Stores } from "./lobby-harness.js";

export const OVERFLOW_AFTER_MS = 10_000;

/** Reports are copied elsewhere. */
export const noRecords: Neighbour["records"] = { addReport: () => Promise.reject(new Error("nobody reports here")) };

/** Two realms, each with instances that overflow into the other one. Their clocks differ. */
export class TwoRealms {
  readonly home: LobbyHarness;
  readonly abroad: LobbyHarness;
  readonly outcomes: VisitOutcome[] = [];
  readonly errors: unknown[] = [];
  /** Whether the neighbours answer. */
  isReady = true;
  readonly #overflows: Overflow[] = [];

  constructor(
    readonly stores: { home: Stores; abroad: Stores },
    private readonly clock: Clock = steadyClock,
  ) {
    this.home = new LobbyHarness(stores.home);
    this.abroad = new LobbyHarness(stores.abroad);
    this.abroad.nowMs += 1_000_000;
  }

  /** An instance of the home realm. */
  instance(stores = this.stores): Overflow {
    return this.#instance(this.#realm("eu", this.home, stores.home), this.#realm("us", this.abroad, stores.abroad));
  }

  /** An instance of the other realm. */
  instanceAbroad(stores = this.stores): Overflow {
    return this.#instance(this.#realm("us", this.abroad, stores.abroad), this.#realm("eu", this.home, stores.home));
  }

  /** Stops the first instance, which waits until its matches are taken over. */
  async stopFirst(): Promise<void> {
    await this.#overflows.shift()?.stop();
  }

  /** Advances both clocks. */
  async pass(ms: number): Promise<void> {
    await Promise.all([this.home.pass(ms), this.abroad.pass(ms)]);
  }

  async close(): Promise<void> {
    await Promise.all(this.#overflows.map((overflow) => overflow.stop(0)));
    await Promise.all([this.stores.home.close(), this.stores.abroad.close()]);
    if (this.errors.length > 0) throw new AggregateError(this.errors, "a relay failed");
  }

  #realm(name: string, harness: LobbyHarness, { lobby, guests, mailbox }: Stores): Neighbour {
    return {
      name,
      lobby,
      guests,
      mailbox,
      clock: { nowMs: () => harness.nowMs },
      records: noRecords,
      isReady: () => this.isReady,
    };
  }

  #instance(home: Neighbour, neighbour: Neighbour): Overflow {
    const overflow = new Overflow({
      home,
      neighbours: [neighbour],
      clock: this.clock,
      random: systemRandom,
      meter: { visited: (outcome) => this.outcomes.push(outcome) },
      afterMs: OVERFLOW_AFTER_MS,
      onError: (error) => this.errors.push(error),
    });
    this.#overflows.push(overflow);
    return overflow;
  }
}
