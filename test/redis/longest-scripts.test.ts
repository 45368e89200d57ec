import { Redis } from "ioredis";
import { afterAll, beforeAll, expect, it } from "vitest";
import { RedisLobby } from "../../src/adapters/redis/lobby.js";
import { RedisRoster } from "../../src/adapters/redis/roster.js";
import { ScriptRunner } from "../../src/adapters/redis/script-runner.js";
import type { AddressKey, Epoch, MatchId, NetworkKey, SessionId, TicketId } from "../../src/core/ids.js";
import { CLOSED_AT_ONCE } from "../../src/core/limits.js";
import { defaultSchema } from "../../src/core/matching-schema.js";
import type { EncodedSignals } from "../../src/core/signal.js";
import { issueTicket } from "../../src/core/ticket.js";
import { RedisServer } from "../support/redis.js";

/** The same verbs with few sessions and with many. */
const [FEW, MANY] = [1_000, 100_000];
/** Sessions of one network, and of one node that dies. */
const SHARED = 200;
/** Calls under way while sessions are made. */
const AT_ONCE = 200;

const schema = defaultSchema(5_000);
const WINDOW_MS = 60_000;
const NOW_MS = 1_900_000_000_000;

let redis: RedisServer;
let admin: Redis;
beforeAll(async () => {
  redis = await RedisServer.start("--slowlog-log-slower-than", "0", "--slowlog-max-len", "20000");
  admin = new Redis(redis.url);
});
afterAll(async () => {
  admin.disconnect();
  await redis.close();
});

/** A realm with sessions of two nodes: half wait, the others are in matches. */
class Realm {
  nowMs = NOW_MS;
  readonly lobby: RedisLobby;
  readonly roster: RedisRoster;
  readonly #dying: RedisLobby;
  #tickets = 0;

  constructor(readonly store: ScriptRunner) {
    this.lobby = new RedisLobby(store, "node", WINDOW_MS, () => true);
    this.#dying = new RedisLobby(store, "dying", WINDOW_MS, () => true);
    this.roster = new RedisRoster(store);
  }

  static async of(name: string, count: number): Promise<Realm> {
    const settings = { urls: [redis.url], realm: name, handshakeMs: 20_000 };
    const realm = new Realm(await ScriptRunner.open(settings, () => undefined));
    for (let from = 0; from < count; from += AT_ONCE) {
      const some = Array.from({ length: AT_ONCE }, (_, index) => from + index);
      await Promise.all(some.map((index) => realm.enter(index)));
    }
    return realm;
  }

  /** Opens a session; every fourth waits alone, two of four are in a match, and one is idle. */
  async enter(index: number): Promise<void> {
    const lobby = index < SHARED ? this.#dying : this.lobby;
    await lobby.open({
      sessionId: idOf(index),
      epoch: "epoch" as Epoch,
      addressKey: (index < SHARED ? `shared-${String(index % 2)}` : `network-${String(index)}`) as NetworkKey,
      nowMs: this.nowMs,
      maxSessions: MANY + 1_000,
      quotas: [],
    });
    if (index % 4 === 0) await this.match(index, `alone-${String(index)}`);
    if (index % 4 === 1 || index % 4 === 2) await this.match(index, `pair-${String(Math.floor(index / 4))}`);
  }

  match(index: number, interest: string) {
    const preferences = { interests: [interest], languages: ["en"], relayOnly: false };
    const id = `ticket-${String(index)}-${String(this.#tickets++)}` as TicketId;
    const ticket = issueTicket(id, idOf(index), { preferences, rematch: true }, this.nowMs, schema);
    return this.lobby.match({ ticket, offer: undefined, leaveMatchId: undefined, nowMs: this.nowMs });
  }

  /** The ID of the match of a session. */
  async matchOf(index: number): Promise<MatchId> {
    const pairing = await this.match(index, "none");
    if (pairing.state !== "in_match") throw new Error(`session ${String(index)} is not in a match`);
    const [found] = await this.roster.sessions({ before: Infinity, limit: 1, addressKey: networkOf(index) });
    if (found?.matchId === undefined) throw new Error(`session ${String(index)} has no match`);
    return found.matchId;
  }
}

const idOf = (index: number) => `session-${String(index)}` as SessionId;
const networkOf = (index: number) => `network-${String(index)}` as AddressKey;

/** The dearest call of each verb: how many commands it carried out, and its duration in microseconds. */
interface Dearest {
  verb: string;
  commands: number;
  microseconds: number;
}

/** Runs a call, and returns the function that took longest during it. */
async function dearest(verb: string, act: () => Promise<unknown>): Promise<Dearest> {
  await admin.call("CONFIG", "RESETSTAT");
  await admin.call("SLOWLOG", "RESET");
  await act();
  const stats = await admin.info("commandstats");
  const entries = (await admin.call("SLOWLOG", "GET", "-1")) as [number, number, number, string[]][];
  const scripts = entries.filter(([, , , [command]]) => command?.toLowerCase() === "fcall");
  let commands = 0;
  for (const [, name = "", calls] of stats.matchAll(/^cmdstat_([\w|]+):calls=(\d+)/gm)) {
    if (!/^(fcall|info|config|slowlog)/.test(name)) commands += Number(calls);
  }
  return { verb, commands, microseconds: Math.max(...scripts.map(([, , microseconds]) => microseconds)) };
}

/** What can make a verb dear, one call each. */
async function worstCases(realm: Realm): Promise<Dearest[]> {
  const { lobby, roster } = realm;
  const matchId = await realm.matchOf(801);
  const other = await realm.matchOf(805);
  const signals = JSON.stringify([{ kind: "candidate", candidate: "c".repeat(16_000) }]) as EncodedSignals;
  const post = { matchId, clientSequence: 1, signals, descriptions: { hasOffer: false, hasAnswer: false } };
  const away = () => ({ generation: 1, awayUntilMs: realm.nowMs + WINDOW_MS, nowMs: realm.nowMs });
  const stream = { epoch: "" as const, lastSequence: 0, newEpoch: "other" as Epoch };
  const cases: [verb: string, act: () => Promise<unknown>][] = [
    ["open", () => realm.enter(MANY + 3)],
    ["match, waits", () => realm.match(803, "nobody")],
    ["match, pairs", () => realm.match(807, "nobody")],
    ["relay", () => lobby.relay({ ...post, sessionId: idOf(801), nowMs: realm.nowMs })],
    ["detach", () => lobby.detach({ sessionId: idOf(802), ...away() })],
    ["attach", () => lobby.attach({ ...stream, sessionId: idOf(802), addressKey: networkOf(802), nowMs: realm.nowMs })],
    ["report", () => lobby.report({ sessionId: idOf(801), matchId, nowMs: realm.nowMs })],
    ["leave", () => lobby.leave({ sessionId: idOf(809), nowMs: realm.nowMs })],
    ["end_match", () => roster.endMatch({ matchId: other, nowMs: realm.nowMs })],
    ["list_sessions", () => roster.sessions({ before: Infinity, limit: 50, addressKey: undefined })],
    ["list_matches", () => roster.matches({ before: Infinity, limit: 50 })],
    ["waits", () => lobby.waits({ nowMs: realm.nowMs })],
    ["count", () => lobby.count()],
    [
      "close_sessions",
      () => {
        const closing = { addressKey: "shared-0" as AddressKey, reason: "banned", keep: 0 } as const;
        return lobby.closeSessions({ ...closing, nowMs: realm.nowMs, limit: CLOSED_AT_ONCE });
      },
    ],
    [
      "expire, everything at once",
      () => {
        realm.nowMs += 30_000; // all handshakes are overdue, and all filters gave way
        return lobby.expire({ nowMs: realm.nowMs, limit: CLOSED_AT_ONCE });
      },
    ],
  ];
  const found: Dearest[] = [];
  for (const [verb, act] of cases) found.push(await dearest(verb, act));
  return found;
}

it("a step costs as many commands with 100,000 sessions as with 1,000, also when everything expires at once", async () => {
  const few = await Realm.of("few", FEW);
  const many = await Realm.of("many", MANY);
  const [ofFew, ofMany] = [await worstCases(few), await worstCases(many)];
  const rows = ofMany.map(({ verb, commands, microseconds }, index) => {
    const base = ofFew[index];
    return { verb, commands, "with 1,000": base?.commands, µs: microseconds, "µs with 1,000": base?.microseconds };
  });
  process.stdout.write(`${rows.map((row) => JSON.stringify(row)).join("\n")}\n`);
  for (const [index, { verb, commands }] of ofMany.entries()) {
    expect(commands, verb).toBeLessThanOrEqual((ofFew[index]?.commands ?? 0) * 1.3 + 10);
    expect(commands, verb).toBeLessThanOrEqual(1_500);
  }
  few.store.close();
  many.store.close();
});
