import fc from "fast-check";
import { expect } from "vitest";
import type { Event } from "../../src/core/event.js";
import type { MatchId } from "../../src/core/ids.js";
import { candidate, HANDSHAKE_MS, type Stores, WINDOW_MS } from "../contract/lobby-harness.js";
import { AFTER_MS, type Fate, OverflowWorld, type RealmName, realmNames } from "./overflow-world.js";

const people: [name: string, realm: RealmName][] = [
  ["ann", "eu"],
  ["bob", "us"],
  ["cyd", "eu"],
  ["dan", "us"],
];
const person = fc.constantFrom(...people);
const fate = fc.oneof(
  { weight: 6, arbitrary: fc.constant<Fate>("answered") },
  { weight: 1, arbitrary: fc.constantFrom<Fate>("unasked", "unanswered", "crash_before", "crash_after") },
);
const action = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constantFrom("match", "match", "leave"), person, rematch: fc.boolean() }),
  },
  { weight: 8, arbitrary: fc.record({ kind: fc.constant("send"), person }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom("detach", "attach", "attach"), person }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("report"), person }) },
  {
    weight: 10,
    arbitrary: fc.record({ kind: fc.constant("step"), index: fc.nat(3), fates: fc.array(fate, { maxLength: 12 }) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("faults"), fates: fc.array(fate, { maxLength: 12 }) }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant("pass"), ms: fc.constantFrom(100, 1_000, AFTER_MS, 12_000) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("replace") }) },
);

/** Two realms, and further checks of what their stores hold. */
export interface TestedRealms {
  stores: Record<RealmName, Stores>;
  check?: () => void;
}

/** Checks the invariants of two realms that overflow into each other, with lost calls and crashes at every step. */
export async function runOverflowModel(create: () => Promise<TestedRealms>, numRuns: number, seed: number) {
  let met = 0;
  const property = fc.asyncProperty(fc.array(action, { minLength: 10, maxLength: 60 }), async (actions) => {
    const { stores, check } = await create();
    const run = new Run(new OverflowWorld(stores), check);
    try {
      await run.begin();
      for (const one of actions) {
        await run.act(one);
        await run.check();
      }
      await run.settle();
      await run.end();
    } finally {
      met += run.world.met;
      await run.close();
    }
  });
  await fc.assert(property, { seed, numRuns });
  expect(met, "matches between the realms").toBeGreaterThan(numRuns / 4);
}

interface Action {
  kind: string;
  person?: [string, RealmName];
  rematch?: boolean;
  index?: number;
  fates?: Fate[];
  ms?: number;
}

/** What a person has seen. */
interface Seen {
  realm: RealmName;
  /** Whether the session is open. */
  isHere: boolean;
  events: number;
  match: MatchId | undefined;
  /** Signals received in that match. */
  received: number;
}

/** One run, with what each person sent in each match, and saw. */
class Run {
  readonly #sent = new Map<string, number>();
  readonly #seen = new Map<string, Seen>();

  constructor(
    readonly world: OverflowWorld,
    private readonly checkStores: () => void = () => undefined,
  ) {}

  async begin(): Promise<void> {
    for (const [name, realm] of people) {
      await this.world.realms[realm].enter(name);
      this.#seen.set(name, { realm, isHere: true, events: 0, match: undefined, received: 0 });
    }
  }

  async act(one: Action): Promise<void> {
    const { kind, person: [name] = ["ann"], index = 0, fates = [], ms = 0 } = one;
    const { world } = this;
    world.fates = kind === "step" || kind === "faults" ? fates : world.fates;
    if (kind === "step") await world.step(index);
    if (kind === "pass") await world.pass(ms);
    if (kind === "replace") await world.replaceCrashed();
    await this.#actAs(name, one);
    await world.rest();
  }

  async #actAs(name: string, { kind, rematch = false }: Action): Promise<void> {
    const { realm, isHere, match } = await this.#look(name);
    const harness = this.world.realms[realm];
    if (!isHere) return;
    if (kind === "match") await harness.match(name, { rematch, leave: match });
    if (kind === "leave") await harness.leave(name);
    if (kind === "detach") await harness.detach(name);
    if (kind === "attach") await harness.attach(name);
    if (kind === "report" && match !== undefined) await harness.report(name, match);
    if (kind === "send" && match !== undefined) await this.#send(name, match);
  }

  /** Sends a signal. The match may end in the same moment, as the other realm hears of its end later. */
  async #send(name: string, matchId: MatchId): Promise<void> {
    const key = `${name} ${matchId}`;
    const sequence = (this.#sent.get(key) ?? 0) + 1;
    const { realm } = await this.#look(name);
    const { state } = await this.world.realms[realm].relay(name, matchId, sequence, candidate(key + String(sequence)));
    if (state === "relayed") this.#sent.set(key, sequence);
    else {
      expect(state).toBe("over");
      expect((await this.#look(name)).match).not.toBe(matchId);
    }
  }

  /** What always holds. */
  async check(): Promise<void> {
    for (const [name] of people) await this.#look(name);
    this.checkStores();
    expect(this.world.errors).toEqual([]);
  }

  /** Without further faults, both halves of each match agree. */
  async settle(): Promise<void> {
    const { world } = this;
    world.fates = [];
    await world.replaceCrashed();
    for (const [name, realm] of people) if ((await this.#look(name)).isHere) await world.realms[realm].attach(name);
    for (let second = 0; second * 1_000 < HANDSHAKE_MS + 2 * WINDOW_MS; second++) {
      await world.pass(1_000);
      if (second % 24 === 0) await world.takeInventory();
      if (second % 5 === 0) for (let index = 0; index < 4; index++) await world.step(index);
      await this.check();
    }
    const here = [...this.#seen.values()].filter(({ isHere, match }) => isHere && match !== undefined);
    for (const { match } of here) expect(here.filter((other) => other.match === match)).toHaveLength(2);
  }

  /** When all have left, nothing of their matches remains, and each is paired with the next who comes. */
  async end(): Promise<void> {
    const { world } = this;
    const here = [...this.#seen].filter(([, { isHere }]) => isHere);
    for (const [name, { realm }] of here) await world.realms[realm].leave(name);
    for (let second = 0; second * 1_000 < HANDSHAKE_MS; second++) await world.pass(1_000);
    for (const realm of realmNames) {
      const sessions = here.filter(([, seen]) => seen.realm === realm).length;
      expect(await world.realms[realm].stores.lobby.count()).toEqual({ sessions, waiting: 0, matches: 0 });
    }
    for (const [name, { realm }] of here) {
      const harness = world.realms[realm];
      const newcomer = `${name}-meets`;
      await harness.enter(newcomer);
      const matchId = await harness.couple(name, newcomer);
      expect(await harness.matchIdOf(name)).toBe(matchId);
      await harness.leave(name);
      await harness.leave(newcomer);
    }
  }

  close(): Promise<void> {
    return this.world.close();
  }

  /** Matches begin and end in turn, and the signals of each arrive in order, once, and without a gap. */
  async #look(name: string): Promise<Seen> {
    const seen = this.#seen.get(name);
    if (seen === undefined) throw new Error(`${name} never entered`);
    if (!seen.isHere) return seen;
    const mail = await this.world.realms[seen.realm].read(name, seen.events);
    seen.isHere = mail.state === "events";
    if (mail.state !== "events") expect(mail).toEqual({ state: "closed", reason: "expired" });
    else
      for (const { sequence, event } of mail.events) {
        expect(sequence).toBe(++seen.events);
        take(seen, event);
      }
    return seen;
  }
}

function take(seen: Seen, event: Event): void {
  if (event.type === "matched") {
    expect(seen.match).toBeUndefined();
    seen.match = event.matchId;
    seen.received = 0;
  } else if ("matchId" in event && event.type !== "tip_updated") {
    expect(event.matchId).toBe(seen.match);
    if (event.type === "match_ended") seen.match = undefined;
    // A report redacts what was not delivered.
    if (event.type === "signaled")
      expect(event.signals === "" || event.signals.includes(String(++seen.received))).toBe(true);
  }
}
