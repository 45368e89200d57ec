import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openDatabase } from "../../src/adapters/lmdb/database.js";
import { LmdbRecords } from "../../src/adapters/lmdb/moderation-store.js";
import { LmdbCases } from "../../src/adapters/lmdb/case-store.js";
import { LmdbPeople } from "../../src/adapters/lmdb/people.js";
import { LmdbTips } from "../../src/adapters/lmdb/tip-ledger.js";
import { MemoryLobby } from "../../src/adapters/memory/lobby.js";
import { LobbyState } from "../../src/adapters/memory/lobby-state.js";
import { MemoryMailbox } from "../../src/adapters/memory/mailbox.js";
import { MemoryMeter } from "../../src/adapters/metrics/meter.js";
import { systemProcessStats } from "../../src/adapters/node/process-stats.js";
import { systemRandom } from "../../src/adapters/node/random.js";
import { Bans } from "../../src/app/bans.js";
import { Departures } from "../../src/app/departures.js";
import { STREAM_PACE } from "../../src/app/pace.js";
import { UNNAMED } from "../../src/core/case.js";
import { Identities } from "../../src/app/identities.js";
import { LoadShedder } from "../../src/app/load-shedder.js";
import { People } from "../../src/app/people.js";
import { Sessions } from "../../src/app/sessions.js";
import { Streams } from "../../src/app/streams.js";
import { addressKeys } from "../../src/core/address-key.js";
import { defaultSchema } from "../../src/core/matching-schema.js";
import { DomainError } from "../../src/core/errors.js";
import type { SessionId, TicketId } from "../../src/core/ids.js";
import { issueTicket } from "../../src/core/ticket.js";
import { nobodyWarned, nothingAnswered } from "../support/no-answers.js";
import { noChallenges } from "../support/no-challenges.js";
import { deviceKeyOf, keyOf, unlimited } from "../support/people.js";
import { SlowClock } from "../support/slow-clock.js";

const MINUTE_MS = 60_000;
const preferences = { interests: [], languages: [], relayOnly: false };

let clock: SlowClock;
let lobby: MemoryLobby;
let store: LmdbPeople;
let people: People;
let sessions: Sessions;
/** What happens between the look at a person and the opening of its session. */
let meanwhile: () => Promise<unknown>;
let errors: unknown[];
let end: () => Promise<void>;

beforeEach(async () => {
  clock = new SlowClock();
  meanwhile = () => Promise.resolve();
  errors = [];
  const realm = new LobbyState(20_000);
  lobby = new MemoryLobby(realm);
  const open = lobby.open.bind(lobby);
  lobby.open = (session) => meanwhile().then(() => open(session));
  const folder = await mkdtemp(join(tmpdir(), "satoshigle-people-"));
  const root = openDatabase(folder);
  store = new LmdbPeople(root);
  const onError = (error: unknown) => errors.push(error);
  const bans = await Bans.start({ lobby, records: new LmdbRecords(root), clock, keys: addressKeys("secret"), onError });
  people = new People({ store, log: new LmdbCases(root), lobby, bans, keyOf, clock, onError });
  /** The token of a person is its subject. */
  const verify = (subject: string) => {
    const times = { issuedMs: clock.nowMs(), expiresMs: clock.nowMs() + MINUTE_MS };
    return Promise.resolve({ subject, profile: undefined, ...times });
  };
  const processStats = systemProcessStats();
  const meter = new MemoryMeter(processStats);
  sessions = new Sessions({
    ...{ lobby, bans, people, clock, meter, random: systemRandom, deviceKeyOf },
    ...{ answers: nothingAnswered, warnings: nobodyWarned },
    identities: new Identities({
      ...{ verifier: { verify }, isRequired: false, keyOf, clock, refused: unlimited },
      schema: defaultSchema(5_000),
    }),
    challenges: noChallenges,
    departures: new Departures(STREAM_PACE),
    mailbox: new MemoryMailbox(realm),
    tips: new LmdbTips(root),
    streams: new Streams(clock, systemRandom, {
      heartbeatMs: 1_000,
      maxPerAddress: 10,
      maxReturning: 10,
      lifetimeMs: 1e9,
    }),
    loadShedder: new LoadShedder({ recentLoopDelayMs: () => 0 }, systemRandom, meter, 250),
    settings: {
      ...{ secret: "secret", maxSessions: 10, maxPerNetwork: 10, maxPerPerson: 2, personKeeps: "newest" },
      ...{ resumeWindowMs: 5_000, heartbeatMs: 1_000 },
    },
  });
  end = async () => {
    bans.stop();
    processStats.close();
    await root.close();
    await rm(folder, { recursive: true });
  };
});
afterEach(() => end());

const enter = async (subject: string): Promise<SessionId> => {
  const caller = { sessionId: undefined, host: "192.0.2.1" };
  return (await sessions.open(caller, { epoch: "", lastSequence: 0, identityToken: subject })).holder.sessionId;
};

async function match(sessionId: SessionId) {
  const ticket = issueTicket(
    sessionId as string as TicketId,
    sessionId,
    { preferences, rematch: false },
    clock.nowMs(),
    defaultSchema(0),
  );
  return (await lobby.match({ ticket, offer: undefined, leaveMatchId: undefined, nowMs: clock.nowMs() })).state;
}

it("closes a session that was opened while its person's tokens were revoked", async () => {
  meanwhile = () => people.revoke("ann", clock.nowMs() + 1, UNNAMED);
  await expect(enter("ann")).rejects.toMatchObject({ reason: "identity_refused", context: { problem: "revoked" } });
  expect(await lobby.count()).toMatchObject({ sessions: 0 });
});

it("keeps a session apart that was opened while its person blocked another", async () => {
  const ben = await enter("ben");
  meanwhile = () => people.block("ann", "ben", UNNAMED);
  const ann = await enter("ann");
  expect([await match(ben), await match(ann)]).toEqual(["waiting", "waiting"]);
});

it("stores that a person was seen once an hour, however many sessions it opens", async () => {
  const written: number[] = [];
  const note = store.note.bind(store);
  store.note = (seen) => {
    written.push(seen.nowMs);
    return note(seen);
  };
  const startMs = clock.nowMs();
  for (let count = 0; count < 7; count++) {
    await enter("ann");
    await clock.pass(10 * MINUTE_MS);
  }
  expect(written.map((ms) => ms - startMs)).toEqual([0, 60 * MINUTE_MS]);
});

it("opens sessions although the store cannot be written to, and stores the person later", async () => {
  const note = store.note.bind(store);
  store.note = () => Promise.reject(new DomainError("store_full", "the disk is full"));
  await enter("ann");
  expect((await store.find(keyOf("ann"))).person).toBeUndefined();
  store.note = note;
  await enter("ann");
  await expect.poll(async () => (await store.find(keyOf("ann"))).person).toMatchObject({ subject: "ann" });
  expect(errors).toEqual([]);
});

it("closes the oldest session of a person that opens more than it may have", async () => {
  const [first, second, third] = [await enter("ann"), await enter("ann"), await enter("ann")];
  expect(await lobby.count()).toMatchObject({ sessions: 2 });
  const states = await Promise.all([first, second, third].map((one) => lobby.leave({ sessionId: one, nowMs: 0 })));
  expect(states.map(({ state }) => state)).toEqual(["unknown", "idle", "idle"]);
});
