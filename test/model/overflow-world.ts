import { setImmediate } from "node:timers/promises";
import { Overflow } from "../../src/app/overflow/overflow.js";
import { MemoryGuests } from "../../src/adapters/memory/guests.js";
import { MemoryLobby } from "../../src/adapters/memory/lobby.js";
import { LobbyState } from "../../src/adapters/memory/lobby-state.js";
import { MemoryMailbox } from "../../src/adapters/memory/mailbox.js";
import { MemoryRoster } from "../../src/adapters/memory/roster.js";
import { DomainError } from "../../src/core/errors.js";
import { isGuest } from "../../src/core/guest.js";
import type { SessionId } from "../../src/core/ids.js";
import type { Neighbour } from "../../src/ports/neighbour.js";
import type { Mailbox } from "../../src/ports/mailbox.js";
import { HANDSHAKE_MS, LobbyHarness, WINDOW_MS } from "../contract/lobby-harness.js";
import { noRecords } from "../contract/two-realms.js";
import { SlowClock } from "../support/slow-clock.js";

export type RealmName = "eu" | "us";
/** What happens to a call of an instance: the request or the answer is lost, or the instance crashes before or after. */
export type Fate = "answered" | "unasked" | "unanswered" | "crash_before" | "crash_after";

export const AFTER_MS = 5_000;

interface Realm {
  name: RealmName;
  state: LobbyState;
  harness: LobbyHarness;
  guests: MemoryGuests;
}

interface Instance {
  overflow: Overflow;
  home: RealmName;
  hasCrashed: boolean;
  /** The guests that are attached to it, and those whose mailboxes it watches. */
  guests: Set<string>;
  watched: Set<string>;
}

/** Two realms in memory, and instances whose calls have fates. */
export class OverflowWorld {
  readonly clock = new SlowClock();
  readonly realms: Record<RealmName, Realm> = { eu: createRealm("eu"), us: createRealm("us") };
  readonly errors: unknown[] = [];
  /** The fates of the next calls; then all are answered. */
  fates: Fate[] = [];
  readonly #instances: Instance[] = [];
  #ids = 0;

  constructor() {
    for (const home of ["eu", "us", "eu", "us"] as const) this.#launch(home);
    this.realms.us.harness.nowMs += 777_000;
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
    await Promise.all(Object.values(this.realms).map(({ harness }) => harness.pass(ms)));
    await this.clock.pass(ms);
    await this.rest();
  }

  /** Lets everything happen that needs no time. */
  async rest(): Promise<void> {
    for (let turn = 0; turn < 12; turn++) await setImmediate();
  }

  /** The realms notice that instances have crashed, and others take their place. */
  async replaceCrashed(): Promise<void> {
    for (const instance of this.#instances.filter(({ hasCrashed }) => hasCrashed)) {
      this.#instances.splice(this.#instances.indexOf(instance), 1);
      for (const held of instance.guests) await this.#reap(held);
      this.#launch(instance.home);
    }
  }

  /** Instances notice guests that are attached to them by mistake, because an answer was lost. */
  async takeInventory(): Promise<void> {
    for (const { guests, watched } of this.#instances) {
      for (const held of [...guests].filter((one) => !watched.has(one))) {
        guests.delete(held);
        await this.#reap(held);
      }
    }
  }

  /** The sessions of people, which are not guests. */
  people(name: RealmName) {
    return [...this.realms[name].state.sessions.values()].filter(({ id }) => !isGuest(id));
  }

  guests(name: RealmName) {
    return [...this.realms[name].state.sessions.values()].filter(({ id }) => isGuest(id));
  }

  async #reap(held: string): Promise<void> {
    const [name, guestId] = held.split(" ") as [RealmName, SessionId];
    const { state, harness, guests } = this.realms[name];
    const guest = state.sessions.get(guestId);
    const isHeld = this.#instances.some((other) => other.guests.has(held));
    if (guest === undefined || isHeld) return;
    if (guest.attached) {
      const awayUntilMs = harness.nowMs + WINDOW_MS;
      const { generation } = guest;
      await harness.stores.lobby.detach({ sessionId: guestId, generation, awayUntilMs, nowMs: harness.nowMs });
    }
    await guests.handOver({ guestIds: [guestId] });
  }

  #launch(home: RealmName): void {
    const instance: Instance = {
      home,
      hasCrashed: false,
      guests: new Set(),
      watched: new Set(),
      overflow: undefined as never,
    };
    const other = home === "eu" ? "us" : "eu";
    instance.overflow = new Overflow({
      home: this.#faulty(this.realms[home], instance),
      neighbours: [this.#faulty(this.realms[other], instance)],
      clock: this.clock,
      random: { id: () => `id-${String(++this.#ids)}`, float: () => 0.5 },
      meter: { visited: () => undefined },
      afterMs: AFTER_MS,
      onError: (error) => this.errors.push(error),
    });
    this.#instances.push(instance);
  }

  /** A realm as an instance sees it. */
  #faulty({ name, harness, guests }: Realm, instance: Instance): Neighbour {
    const note = (verb: string, args: unknown[]) => {
      const { guestId } = (args[0] ?? {}) as { guestId?: string };
      if (!["visit", "receive", "takeOver"].includes(verb) || guestId === undefined) return;
      const held = `${name} ${guestId}`;
      for (const one of this.#instances) one.guests.delete(held);
      instance.guests.add(held);
    };
    const watch: Mailbox["watch"] = (guestId, wake) => {
      const held = `${name} ${guestId}`;
      instance.watched.add(held);
      const stop = harness.stores.mailbox.watch(guestId, wake);
      return () => {
        instance.watched.delete(held);
        stop();
      };
    };
    const wrap = <T extends object>(target: T): T =>
      new Proxy(target, {
        get: (_, verb: string) => {
          const method = (target as Record<string, (...args: unknown[]) => unknown>)[verb];
          if (verb === "watch") return watch;
          if (method === undefined) return undefined;
          return (...args: unknown[]) => this.#call(instance, () => (note(verb, args), method.apply(target, args)));
        },
      });
    const { lobby, mailbox } = harness.stores;
    const clock = { nowMs: () => harness.nowMs };
    return {
      name,
      lobby: wrap(lobby),
      guests: wrap(guests),
      mailbox: wrap(mailbox),
      clock,
      records: noRecords,
      isReady: () => true,
    };
  }

  async #call(instance: Instance, act: () => unknown): Promise<unknown> {
    const fate = instance.hasCrashed ? "crash_before" : (this.fates.shift() ?? "answered");
    if (fate === "crash_before") return this.#crash(instance);
    if (fate === "unasked") throw new DomainError("store_away", "the request was lost");
    const answer = await act();
    if (fate === "crash_after") return this.#crash(instance);
    if (fate === "unanswered") throw new DomainError("store_away", "the answer was lost");
    return answer;
  }

  #crash(instance: Instance): Promise<never> {
    instance.hasCrashed = true;
    return new Promise<never>(() => undefined);
  }
}

function createRealm(name: RealmName): Realm {
  const state = new LobbyState(HANDSHAKE_MS);
  const guests = new MemoryGuests(state);
  const stores = {
    lobby: new MemoryLobby(state),
    mailbox: new MemoryMailbox(state),
    roster: new MemoryRoster(state),
    guests,
  };
  const harness = new LobbyHarness({ ...stores, events: () => Promise.resolve([]), close: () => Promise.resolve() });
  return { name, state, harness, guests };
}
