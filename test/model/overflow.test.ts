import fc from "fast-check";
import { expect, it } from "vitest";
import type { Event } from "../../src/core/event.js";
import { guestId } from "../../src/core/guest.js";
import type { MatchId, SessionId } from "../../src/core/ids.js";
import { otherRole } from "../../src/core/match.js";
import { candidate, HANDSHAKE_MS, WINDOW_MS } from "../contract/lobby-harness.js";
import { AFTER_MS, type Fate, OverflowWorld, type RealmName } from "./overflow-world.js";

const seed = Number(process.env.MODEL_SEED ?? 20_261_128);
const runs = Number(process.env.MODEL_RUNS ?? 400);

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

it("keeps all invariants of two realms that overflow into each other, with lost calls and crashes at every step", async () => {
  const property = fc.asyncProperty(fc.array(action, { minLength: 10, maxLength: 60 }), async (actions) => {
    const run = new Run();
    await run.begin();
    for (const one of actions) {
      await run.act(one);
      run.check();
    }
    await run.settle();
  });
  await fc.assert(property, { seed, numRuns: runs });
});

interface Action {
  kind: string;
  person?: [string, RealmName];
  rematch?: boolean;
  index?: number;
  fates?: Fate[];
  ms?: number;
}

/** One run, with what each person sent in each match. */
class Run {
  readonly #world = new OverflowWorld();
  readonly #sent = new Map<string, number>();
  /** How far each mailbox was checked, and in which match its owner is. */
  readonly #seen = new Map<string, { events: number; match: MatchId | undefined; received: number }>();

  async begin(): Promise<void> {
    for (const [name, realm] of people) {
      await this.#world.realms[realm].harness.enter(name);
      this.#seen.set(name, { events: 0, match: undefined, received: 0 });
    }
  }

  async act({
    kind,
    person: [name, realm] = ["ann", "eu"],
    rematch,
    index = 0,
    fates = [],
    ms = 0,
  }: Action): Promise<void> {
    const world = this.#world;
    const { harness } = world.realms[realm];
    world.fates = kind === "step" || kind === "faults" ? fates : world.fates;
    const isHere = world.realms[realm].state.sessions.has(name as SessionId);
    if (kind === "step") await world.step(index);
    if (kind === "pass") await world.pass(ms);
    if (kind === "replace") await world.replaceCrashed();
    if (!isHere) return;
    if (kind === "match") await harness.match(name, { rematch: rematch ?? false, leave: this.#matchOf(name, realm) });
    if (kind === "leave") await harness.leave(name);
    if (kind === "detach") await harness.detach(name);
    if (kind === "attach") await harness.attach(name);
    const matchId = this.#matchOf(name, realm);
    if (kind === "report" && matchId !== undefined) await harness.report(name, matchId);
    if (kind === "send" && matchId !== undefined) {
      const key = `${name} ${matchId}`;
      const sequence = (this.#sent.get(key) ?? 0) + 1;
      expect(await harness.relay(name, matchId, sequence, candidate(key + String(sequence)))).toEqual({
        state: "relayed",
      });
      this.#sent.set(key, sequence);
    }
    await world.rest();
  }

  /** What always holds. */
  check(): void {
    for (const [name, realm] of people) this.#checkMailbox(name, realm);
    for (const realm of ["eu", "us"] as const) {
      const { state } = this.#world.realms[realm];
      for (const session of state.sessions.values()) {
        if (session.doing.state !== "matched") continue;
        const { match, role } = session.doing;
        const partner = match.sides[otherRole(role)].session;
        expect(partner.doing).toEqual({ state: "matched", match, role: otherRole(role) });
      }
      expect(this.#world.guests(realm).every(({ doing }) => doing.state !== "waiting")).toBe(true);
    }
    expect(this.#world.errors).toEqual([]);
  }

  /** Without further faults, both halves of each match agree, and nobody is stuck. */
  async settle(): Promise<void> {
    const world = this.#world;
    world.fates = [];
    await world.replaceCrashed();
    for (const [name, realm] of people) {
      if (world.realms[realm].state.sessions.has(name as SessionId)) await world.realms[realm].harness.attach(name);
    }
    for (let second = 0; second * 1_000 < HANDSHAKE_MS + 2 * WINDOW_MS; second++) {
      await world.pass(1_000);
      if (second % 24 === 0) await world.takeInventory();
      if (second % 5 === 0) for (let index = 0; index < 4; index++) await world.step(index);
      this.check();
    }
    for (const realm of ["eu", "us"] as const) {
      const other = realm === "eu" ? "us" : "eu";
      for (const guest of world.guests(realm)) {
        if (guest.doing.state !== "matched") throw new Error(`${guest.id} is left behind`);
        const { match, role } = guest.doing;
        const person = match.sides[otherRole(role)].session;
        const half = world.realms[other].state.sessions.get(guestId(person.id, realm));
        expect(half?.doing).toMatchObject({ state: "matched", match: { id: match.id }, role: otherRole(role) });
      }
      const { pools } = world.realms[realm].state;
      for (const { doing } of world.people(realm))
        if (doing.state === "waiting") expect(pools.has(doing.waiter)).toBe(true);
    }
  }

  #matchOf(name: string, realm: RealmName): MatchId | undefined {
    const doing = this.#world.realms[realm].state.sessions.get(name as SessionId)?.doing;
    return doing?.state === "matched" ? doing.match.id : undefined;
  }

  /** Matches begin and end in turn, and the signals of each arrive in order, once, and without a gap. */
  #checkMailbox(name: string, realm: RealmName): void {
    const seen = this.#seen.get(name);
    const session = this.#world.realms[realm].state.sessions.get(name as SessionId);
    if (seen === undefined || session === undefined) return;
    const events = session.events.after(seen.events);
    for (const { sequence, event } of events) {
      expect(sequence).toBe(++seen.events);
      this.#take(seen, event);
    }
  }

  #take(seen: { match: MatchId | undefined; received: number }, event: Event): void {
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
}
