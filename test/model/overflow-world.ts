import { setImmediate } from "node:timers/promises";
import { Overflow } from "../../src/app/overflow/overflow.js";
import { DomainError } from "../../src/core/errors.js";
import type { SessionId } from "../../src/core/ids.js";
import type { Stay } from "../../src/ports/guests.js";
import type { Mailbox } from "../../src/ports/mailbox.js";
import type { Neighbour } from "../../src/ports/neighbour.js";
import { LobbyHarness, type Stores, WINDOW_MS } from "../contract/lobby-harness.js";
import { noRecords } from "../contract/two-realms.js";
import { SlowClock } from "../support/slow-clock.js";

export const realmNames = ["eu", "us"] as const;
export type RealmName = (typeof realmNames)[number];
/** What happens to a call of an instance: the request or the answer is lost, or the instance crashes before or after. */
export type Fate = "answered" | "unasked" | "unanswered" | "crash_before" | "crash_after";

export const AFTER_MS = 5_000;
/** Turns of the event loop without a pending call after which nothing happens any more without a notification. */
const QUIET_TURNS = 12;

interface Instance {
  overflow: Overflow;
  home: RealmName;
  hasCrashed: boolean;
  /** The guests that are attached to it, with their generations, and those whose mailboxes it watches. */
  guests: Map<string, number>;
  watched: Set<string>;
}

/** Two realms, and instances whose calls have fates. */
export class OverflowWorld {
  readonly clock = new SlowClock();
  readonly realms: Record<RealmName, LobbyHarness>;
  readonly errors: unknown[] = [];
  /** The fates of the next calls; then all are answered. */
  fates: Fate[] = [];
  /** How many matches between the realms began. */
  met = 0;
  readonly #instances: Instance[] = [];
  #pending = 0;
  #ids = 0;

  constructor(private readonly stores: Record<RealmName, Stores>) {
    this.realms = { eu: new LobbyHarness(stores.eu), us: new LobbyHarness(stores.us) };
    for (const home of [...realmNames, ...realmNames]) this.#launch(home);
    this.realms.us.nowMs += 777_000;
  }

  /** One instance offers its people. A step that waits for a store continues later. */
  async step(index: number): Promise<void> {
    const instance = this.#instances[index % this.#instances.length];
    instance?.overflow.step().catch((error: unknown) => {
      if (!(error instanceof DomainError)) this.errors.push(error);
    });
    await this.rest();
  }

  /** Lets time pass in both realms and for the instances. */
  async pass(ms: number): Promise<void> {
    await Promise.all(Object.values(this.realms).map((harness) => harness.pass(ms)));
    await this.clock.pass(ms);
    await this.rest();
  }

  /** Lets everything happen that needs no time. */
  async rest(): Promise<void> {
    for (let quiet = 0; quiet < QUIET_TURNS; quiet++) {
      await setImmediate();
      if (this.#pending > 0) quiet = 0;
    }
  }

  /** The realms notice that instances have crashed, and others take their place. */
  async replaceCrashed(): Promise<void> {
    for (const instance of this.#instances.filter(({ hasCrashed }) => hasCrashed)) {
      this.#instances.splice(this.#instances.indexOf(instance), 1);
      for (const [held, generation] of instance.guests) await this.#reap(held, generation);
      this.#launch(instance.home);
    }
  }

  /** Instances notice guests that are attached to them by mistake, because an answer was lost. */
  async takeInventory(): Promise<void> {
    for (const { guests, watched } of this.#instances) {
      for (const [held, generation] of [...guests].filter(([one]) => !watched.has(one))) {
        guests.delete(held);
        await this.#reap(held, generation);
      }
    }
  }

  /** Ends the instances and the stores. */
  async close(): Promise<void> {
    this.fates = [];
    for (const { overflow, hasCrashed } of this.#instances) if (!hasCrashed) await overflow.stop(0);
    await this.rest();
    for (const stores of Object.values(this.stores)) await stores.close();
  }

  async #reap(held: string, generation: number): Promise<void> {
    const [name, guestId] = held.split(" ") as [RealmName, SessionId];
    if (this.#instances.some(({ guests }) => guests.has(held))) return;
    const { stores, nowMs } = this.realms[name];
    await stores.lobby.detach({ sessionId: guestId, generation, awayUntilMs: nowMs + WINDOW_MS, nowMs });
    await stores.guests.handOver({ guestIds: [guestId] });
  }

  #launch(home: RealmName): void {
    const instance: Instance = {
      home,
      hasCrashed: false,
      guests: new Map(),
      watched: new Set(),
      overflow: undefined as never,
    };
    const other = home === "eu" ? "us" : "eu";
    instance.overflow = new Overflow({
      home: this.#faulty(home, instance),
      neighbours: [this.#faulty(other, instance)],
      clock: this.clock,
      random: { id: () => `id-${String(++this.#ids)}`, float: () => 0.5 },
      meter: { visited: (outcome) => (this.met += outcome === "matched" ? 1 : 0) },
      afterMs: AFTER_MS,
      onError: (error) => this.errors.push(error),
    });
    this.#instances.push(instance);
  }

  /** A realm as an instance sees it. */
  #faulty(name: RealmName, instance: Instance): Neighbour {
    const harness = this.realms[name];
    const watch: Mailbox["watch"] = (guestId, wake) => {
      const held = `${name} ${guestId}`;
      instance.watched.add(held);
      const stop = harness.stores.mailbox.watch(guestId, wake);
      return () => {
        instance.watched.delete(held);
        stop();
      };
    };
    const act = async (target: object, verb: string, args: unknown[]) => {
      const answer = await (target as Record<string, (...args: unknown[]) => unknown>)[verb]?.(...args);
      this.#note(instance, name, args[0], answer);
      return answer;
    };
    const wrap = <T extends object>(target: T): T =>
      new Proxy(target, {
        get: (_, verb: string) =>
          verb === "watch" ? watch : (...args: unknown[]) => this.#call(instance, () => act(target, verb, args)),
      });
    const { lobby, guests, mailbox } = harness.stores;
    const clock = { nowMs: () => harness.nowMs };
    const stores = { lobby: wrap(lobby), guests: wrap(guests), mailbox: wrap(mailbox) };
    return { name, ...stores, clock, records: noRecords, isReady: () => true };
  }

  /** Keeps in mind to whom a guest is attached now. */
  #note(instance: Instance, name: RealmName, request: unknown, answer: unknown): void {
    const { guestId } = (request ?? {}) as { guestId?: string };
    const { state, stay } = (answer ?? {}) as { state?: string; stay?: Stay };
    const attached = state === "staying" ? (answer as Stay) : stay;
    if (guestId === undefined || attached === undefined) return;
    const held = `${name} ${guestId}`;
    for (const { guests } of this.#instances) guests.delete(held);
    instance.guests.set(held, attached.generation);
  }

  async #call(instance: Instance, act: () => Promise<unknown>): Promise<unknown> {
    const fate = instance.hasCrashed ? "crash_before" : (this.fates.shift() ?? "answered");
    if (fate === "crash_before") return this.#crash(instance);
    if (fate === "unasked") throw new DomainError("store_away", "the request was lost");
    this.#pending++;
    const answer = await act().finally(() => this.#pending--);
    if (fate === "crash_after") return this.#crash(instance);
    if (fate === "unanswered") throw new DomainError("store_away", "the answer was lost");
    return answer;
  }

  #crash(instance: Instance): Promise<never> {
    instance.hasCrashed = true;
    return new Promise<never>(() => undefined);
  }
}
