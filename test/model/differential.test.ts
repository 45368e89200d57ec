import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { MemoryLobby } from "../../src/adapters/memory/lobby.js";
import { MemoryMailbox } from "../../src/adapters/memory/mailbox.js";
import { LobbyState } from "../../src/adapters/memory/lobby-state.js";
import type { AddressKey, Epoch, MatchId, NetworkKey, SessionId, TicketId } from "../../src/core/ids.js";
import { levelsOf } from "../../src/core/network-key.js";
import { networkOf, personOf } from "../../src/core/session-key.js";
import type { Descriptions } from "../../src/core/match.js";
import type { EncodedSignals } from "../../src/core/signal.js";
import { searchBounds } from "../../src/core/search.js";
import { attributeNamed, type MatchingSchema, type Mode, MODES } from "../../src/core/matching-schema.js";
import { RedisServer } from "../support/redis.js";
import { redisStores } from "../support/redis-stores.js";
import { sdp } from "../support/sdp.js";
import { narrow, timing } from "./reference.js";
import type { NumberedEvent } from "../../src/core/log-event.js";
import { RecordedEvents } from "../support/recorded-events.js";
import type { Adapter } from "./lobby-comparison.js";
import { schemas, ticketFor, type Wish, wishIn } from "./wishes.js";

const offer = { type: "offer", sdp: sdp(), connectionId: "pc" } as const;

/** The state of a session in both stores. */
interface Participant {
  sessionId: SessionId;
  /** Its person with a full stop, or nothing. A session keeps it on every network. */
  person: string;
  generation: number;
  epoch: Epoch;
  lastSequence: number;
  /** Its matches, newest last. */
  matchIds: MatchId[];
  sent: number;
}

/** Runs the same commands on two stores, which must return the same answers and events. */
class DifferentialPair {
  nowMs = 1_800_000_000_000;
  readonly #people = new Map<string, Participant>();
  #ids = 0;

  constructor(
    private readonly stores: readonly [Adapter, Adapter],
    private readonly schema: MatchingSchema,
  ) {}

  async open(name: string, network: string, maxOfPerson?: number): Promise<void> {
    const [sessionId, epoch] = [name as SessionId, this.#id("epoch") as Epoch];
    const quotas = levelsOf(network as AddressKey).map((key, level) => ({ key, max: 2 + level }));
    const about = { sessionId, addressKey: network as AddressKey, epoch, maxOfPerson };
    const session = { ...about, nowMs: this.nowMs, maxSessions: 4, quotas };
    const opened = await this.#both(({ lobby }) => lobby.open(session));
    if (opened.state !== "attached" || opened.epoch !== epoch) return; // refused, or already open
    // In memory, only watched sessions learn why they were closed; in Redis, others would learn it a little later.
    this.stores[0].mailbox.watch(sessionId, () => undefined);
    const person = personOf(network as NetworkKey);
    this.#people.set(name, {
      sessionId,
      person: person ? `${person}.` : "",
      generation: 1,
      epoch,
      lastSequence: 0,
      matchIds: [],
      sent: 0,
    });
  }

  async attach(name: string, ahead: number, network: string): Promise<void> {
    const one = this.#one(name);
    const lastSequence = Math.max(0, one.lastSequence + ahead);
    const newEpoch = this.#id("epoch") as Epoch;
    const { sessionId, epoch: known } = one;
    const from = { sessionId, addressKey: [one.person, networkOf(network as NetworkKey)].join("") as AddressKey };
    const stream = { ...from, epoch: known, lastSequence, newEpoch, nowMs: this.nowMs };
    const attached = await this.#both(({ lobby }) => lobby.attach(stream));
    if (attached.state === "unknown") return;
    const { generation, epoch } = attached;
    Object.assign(one, { generation, epoch, lastSequence: attached.lastSequence });
  }

  async detach(name: string, older: boolean): Promise<void> {
    const { sessionId, generation } = this.#one(name);
    const stream = { sessionId, generation: generation - (older ? 1 : 0), nowMs: this.nowMs };
    await this.#both(({ lobby }) => lobby.detach({ ...stream, awayUntilMs: this.nowMs + timing.windowMs }));
  }

  async match(name: string, wish: Wish, withOffer: boolean, leaves: number): Promise<void> {
    const { sessionId, matchIds } = this.#one(name);
    const id = this.#id("ticket") as TicketId;
    const ticket = ticketFor(id, sessionId, this.#inMode(name, wish), this.nowMs, this.schema);
    if (ticket === undefined) return;
    const leaveMatchId = matchIds.at(leaves);
    const command = { ticket, offer: withOffer ? offer : undefined, leaveMatchId, nowMs: this.nowMs };
    await this.#both(({ lobby }) => lobby.match(structuredClone(command)));
  }

  /** Each session has a mode, if the schema has modes. */
  #inMode(name: string, wish: Wish): Wish {
    if (attributeNamed(this.schema, "mode") === undefined) return wish;
    const mode = MODES[name.charCodeAt(0) % MODES.length] ?? "video";
    return { ...wish, attributes: [...(wish.attributes ?? []), ["mode", [mode]]] };
  }

  /** All sessions search with an offer that is not answered. */
  async stall(): Promise<void> {
    const wish = { preferences: { interests: [], languages: [], relayOnly: false }, rematch: false };
    for (const name of names) {
      await this.match(name, wish, true, 0);
      await this.pass(7); // two deadlines at the same moment have no order
    }
    await this.pass(timing.handshakeMs);
  }

  async leave(name: string): Promise<void> {
    const { sessionId } = this.#one(name);
    await this.#both(({ lobby }) => lobby.leave({ sessionId, nowMs: this.nowMs }));
  }

  async relay(name: string, which: number, ahead: number, descriptions: Descriptions, mode?: Mode): Promise<void> {
    const one = this.#one(name);
    const matchId = one.matchIds.at(which) ?? ("none" as MatchId);
    const signals = this.#id('"\\') as EncodedSignals;
    const clientSequence = Math.max(1, one.sent + ahead);
    const { sessionId } = one;
    const post = { sessionId, matchId, clientSequence, signals, descriptions, mode, nowMs: this.nowMs };
    const relayed = await this.#both(({ lobby }) => lobby.relay(post));
    if (relayed.state === "relayed") one.sent = clientSequence;
  }

  async report(name: string, which: number): Promise<void> {
    const { sessionId, matchIds } = this.#one(name);
    const matchId = matchIds.at(which) ?? ("none" as MatchId);
    await this.#both(({ lobby }) => lobby.report({ sessionId, matchId, nowMs: this.nowMs }));
  }

  async closeBanned(network: string): Promise<void> {
    const ban = { addressKey: network as AddressKey, reason: "banned", keep: 0, nowMs: this.nowMs, limit: 10 } as const;
    await this.#both(({ lobby }) => lobby.closeSessions(ban));
  }

  /** Advances the clock, stopping at every deadline on the way. */
  async pass(ms: number): Promise<void> {
    const untilMs = this.nowMs + ms;
    for (;;) {
      const { nextMs } = await this.#both(({ lobby }) => lobby.expire({ nowMs: this.nowMs, limit: 1000 }));
      if (nextMs === undefined || nextMs > untilMs) break;
      this.nowMs = Math.max(nextMs, this.nowMs);
    }
    this.nowMs = untilMs;
  }

  /** Compares the counts and all new events, including `waiting`. */
  async look(): Promise<void> {
    await this.#both(({ lobby }) => lobby.count());
    for (const one of this.#people.values()) {
      const { sessionId, generation, epoch, lastSequence: afterSequence } = one;
      const mail = await this.#both(async ({ mailbox }) => {
        const read = await mailbox.read({ sessionId, generation, epoch, afterSequence });
        if (read.state !== "events") return read;
        return { ...read, events: read.events.map(({ sequence, event }) => ({ sequence, event })) };
      });
      if (mail.state !== "events") continue;
      for (const { sequence, event } of mail.events) {
        one.lastSequence = sequence;
        if (event.type !== "matched") continue;
        one.matchIds.push(event.matchId);
        one.sent = 0;
      }
    }
  }

  #one(name: string): Participant {
    const unknown = { sessionId: name as SessionId, person: "", generation: 1, epoch: "none" as Epoch };
    return this.#people.get(name) ?? { ...unknown, lastSequence: 0, matchIds: [], sent: 0 };
  }

  #id(kind: string): string {
    return `${kind}-${String(++this.#ids)}`;
  }

  /** The logs have the same events, with the same times. */
  async compareLogs(): Promise<void> {
    const [one, other] = this.stores;
    const dated = (events: NumberedEvent[]) => events.map(({ event, atMs }) => ({ event, atMs }));
    expect(dated(await other.events())).toEqual(dated(await one.events()));
  }

  async #both<T>(run: (stores: Adapter) => Promise<T>): Promise<T> {
    const [first, second] = [await run(this.stores[0]), await run(this.stores[1])];
    expect(plain(second)).toEqual(plain(first));
    return first;
  }
}

/** Without keys whose value is undefined. */
function plain<T>(value: T): T {
  return value === undefined ? value : (JSON.parse(JSON.stringify(value)) as T);
}

const names = ["ann", "bob", "cyd", "dan", "eve"] as const;
const name = fc.constantFrom(...names);
const recent = fc.constantFrom(-1, -1, -1, -2, -3);
const ahead = fc.constantFrom(0, 0, -1, -2, 3);
const network = fc.constantFrom("here", "there.site", "elsewhere.site", "site", "~pat.here", "~pat.there.site");
const maxOfPerson = fc.constantFrom(undefined, 1, 2);
const described: fc.Arbitrary<Descriptions> = fc.record({ hasOffer: fc.boolean(), hasAnswer: fc.boolean() });
const mode = fc.constantFrom<(Mode | undefined)[]>(undefined, undefined, "audio", "video");
interface Step {
  run: (pair: DifferentialPair) => Promise<void>;
  toString: () => string;
}

function step<T extends unknown[]>(
  args: { [K in keyof T]: fc.Arbitrary<T[K]> },
  run: (pair: DifferentialPair, ...values: T) => Promise<void>,
): fc.Arbitrary<Step> {
  const verb = /pair\.(\w+)/.exec(String(run))?.[1] ?? "";
  return fc.tuple<T>(...args).map((values) => ({
    run: (pair) => run(pair, ...values),
    toString: () => `${verb}${JSON.stringify(values)}`,
  }));
}

const stepsWith = (wish: fc.Arbitrary<Wish>) =>
  fc.array(
    fc.oneof(
      { weight: 1, arbitrary: step([name, network, maxOfPerson], (pair, ...a) => pair.open(...a)) },
      { weight: 3, arbitrary: step([name, ahead, network], (pair, ...a) => pair.attach(...a)) },
      { weight: 1, arbitrary: step([network], (pair, ...a) => pair.closeBanned(...a)) },
      { weight: 2, arbitrary: step([name, fc.boolean()], (pair, ...a) => pair.detach(...a)) },
      { weight: 9, arbitrary: step([name, wish, fc.boolean(), recent], (pair, ...a) => pair.match(...a)) },
      { weight: 2, arbitrary: step([name], (pair, ...a) => pair.leave(...a)) },
      {
        weight: 6,
        arbitrary: step([name, recent, fc.constantFrom(1, 1, 0, 2), described, mode], (pair, ...a) => pair.relay(...a)),
      },
      { weight: 2, arbitrary: step([name, recent], (pair, ...a) => pair.report(...a)) },
      { weight: 1, arbitrary: step([], (pair) => pair.stall()) },
      { weight: 3, arbitrary: step([fc.integer({ min: 1, max: 25_000 })], (pair, ...a) => pair.pass(...a)) },
      { weight: 1, arbitrary: step([fc.integer({ min: 55_000, max: 650_000 })], (pair, ...a) => pair.pass(...a)) },
    ),
    { minLength: 20, maxLength: 60, size: "max" },
  );

let redis: RedisServer;
beforeAll(async () => {
  redis = await RedisServer.start();
});
afterAll(() => redis.close());

const runsIn = (schema: MatchingSchema) => fc.record({ schema: fc.constant(schema), steps: stepsWith(wishIn(schema)) });

it.each([
  ["the usual schema and searches that visit all candidates at once", schemas.usual, searchBounds],
  ["the usual schema and searches that pause after each visit", schemas.usual, narrow.bounds],
  ["random schemas", schemas.random, searchBounds],
  ["random schemas and searches that pause after each visit", schemas.random, narrow.bounds],
])("memory and Redis return the same answers and events, with %s", async (_, schema, bounds) => {
  const seed = Number(process.env.MODEL_SEED ?? 20_261_125);
  const numRuns = Number(process.env.MODEL_RUNS ?? 60);
  const property = fc.asyncProperty(schema.chain(runsIn), async ({ schema: one, steps }) => {
    const log = new RecordedEvents();
    const realm = new LobbyState(timing.handshakeMs, bounds, undefined, log);
    const memory = {
      events: () => Promise.resolve(log.events),
      lobby: new MemoryLobby(realm),
      mailbox: new MemoryMailbox(realm),
      close: () => Promise.resolve(),
    };
    const shared = await redisStores([redis.url], timing.handshakeMs, timing.windowMs, { search: bounds });
    try {
      const pair = new DifferentialPair([memory, shared], one);
      for (const name of ["ann", "bob", "cyd"]) await pair.open(name, "here");
      for (const { run } of steps) {
        await pair.pass(7); // simultaneous events have no order
        await run(pair);
        await pair.look();
      }
      await pair.compareLogs();
    } finally {
      await shared.close();
    }
  });
  await fc.assert(property, { numRuns, seed, endOnFailure: false });
});
