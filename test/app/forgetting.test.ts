import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openDatabase } from "../../src/adapters/lmdb/database.js";
import { LmdbRecords } from "../../src/adapters/lmdb/moderation-store.js";
import { LmdbTips } from "../../src/adapters/lmdb/tip-ledger.js";
import { MemoryLobby } from "../../src/adapters/memory/lobby.js";
import { MemoryMailbox } from "../../src/adapters/memory/mailbox.js";
import { MemoryMeter } from "../../src/adapters/metrics/meter.js";
import { LobbyState } from "../../src/adapters/memory/lobby-state.js";
import { systemRandom } from "../../src/adapters/node/random.js";
import { systemProcessStats } from "../../src/adapters/node/process-stats.js";
import { Bans } from "../../src/app/bans.js";
import { Departures } from "../../src/app/departures.js";
import { STREAM_PACE } from "../../src/app/pace.js";
import type { StreamMessage } from "../../src/app/outbound.js";
import { Sessions } from "../../src/app/sessions.js";
import { LoadShedder } from "../../src/app/load-shedder.js";
import { Streams } from "../../src/app/streams.js";
import { addressKeys } from "../../src/core/address-key.js";
import type { MatchId, SessionId, TipId } from "../../src/core/ids.js";
import { cancelled, offered, tipBudget } from "../../src/core/tip.js";
import type { LedgerEntry } from "../../src/ports/tip-ledger.js";
import { nobodyWarned, nothingAnswered } from "../support/no-answers.js";
import { noChallenges } from "../support/no-challenges.js";
import { anonymousOnly, deviceKeyOf, peopleIn } from "../support/people.js";
import { SlowClock } from "../support/slow-clock.js";

const HEARTBEAT_MS = 1_000;
const WINDOW_MS = 5_000;
const DAY_MS = 24 * 60 * 60_000;
const START = { epoch: "", lastSequence: 0 } as const;
const KEEP_MS = WINDOW_MS + 2 * HEARTBEAT_MS;

let clock: SlowClock;
let realm: LobbyState;
let mailbox: MemoryMailbox;
let tips: LmdbTips;
let bans: Bans;
let sessions: Sessions;
let trims: number[];
let end: () => Promise<void>;

beforeEach(async () => {
  clock = new SlowClock();
  realm = new LobbyState(20_000);
  mailbox = new MemoryMailbox(realm);
  trims = [];
  const watched = {
    watch: mailbox.watch.bind(mailbox),
    read: mailbox.read.bind(mailbox),
    trim: (sessionId: SessionId, beforeMs: number) => {
      trims.push(clock.nowMs());
      return mailbox.trim(sessionId, beforeMs);
    },
  };
  const lobby = new MemoryLobby(realm);
  const processStats = systemProcessStats();
  const meter = new MemoryMeter(processStats);
  const streams = new Streams(clock, systemRandom, {
    heartbeatMs: HEARTBEAT_MS,
    maxPerAddress: 10,
    maxReturning: 10,
    lifetimeMs: 1e9,
  });
  const loadShedder = new LoadShedder({ recentLoopDelayMs: () => 0 }, systemRandom, meter, 250);
  const windows = { resumeWindowMs: WINDOW_MS, heartbeatMs: HEARTBEAT_MS };
  const limits = { maxSessions: 10, maxPerNetwork: 10, maxPerPerson: 1, personKeeps: "newest" } as const;
  const settings = { secret: "secret", ...limits, ...windows };
  const folder = await mkdtemp(join(tmpdir(), "satoshigle-forgetting-"));
  const root = openDatabase(folder);
  const records = new LmdbRecords(root);
  const onError = (error: unknown) => expect.unreachable(String(error));
  bans = await Bans.start({ lobby, records, clock, keys: addressKeys("secret"), onError });
  tips = new LmdbTips(root);
  const parts = {
    lobby,
    mailbox: watched,
    tips,
    streams,
    loadShedder,
    bans,
    identities: anonymousOnly(clock),
    people: peopleIn({ root, lobby, bans, clock, onError }),
    answers: nothingAnswered,
    challenges: noChallenges,
    departures: new Departures(STREAM_PACE),
    warnings: nobodyWarned,
    deviceKeyOf,
    clock,
    random: systemRandom,
    meter,
    settings,
  };
  sessions = new Sessions(parts);
  end = async () => {
    bans.stop();
    await root.close();
    await rm(folder, { recursive: true });
    processStats.close();
  };
});

afterEach(() => end());

it("deletes delivered events from the store once they are old enough, and only once", async () => {
  const stream = await sessions.open({ sessionId: undefined, host: "192.0.2.1" }, START);
  const heard: StreamMessage[] = [];
  const listening = (async () => {
    for (let batch = await stream.next(); batch.length > 0; batch = await stream.next()) heard.push(...batch);
  })();
  await clock.pass(3 * HEARTBEAT_MS);
  expect(trims).toEqual([]);

  const welcome = heard[0]?.event;
  if (welcome?.type !== "welcome") throw new Error("no welcome");
  const session = realm.sessions.get(welcome.sessionId);
  if (session === undefined) throw new Error("no session");
  const toldMs = clock.nowMs();
  realm.send(session, { type: "partner_back", matchId: "m" as never }, toldMs);
  await clock.pass(KEEP_MS - HEARTBEAT_MS);
  expect(trims).toEqual([]);
  await clock.pass(20 * HEARTBEAT_MS);
  expect(trims).toHaveLength(1);
  expect(trims[0]).toBeGreaterThanOrEqual(toldMs + KEEP_MS);
  const { generation } = session;
  const position = { sessionId: welcome.sessionId, generation, epoch: welcome.epoch, afterSequence: 0 };
  expect(mailbox.read(position)).toEqual({ state: "gap" });

  stream.end();
  await clock.pass(HEARTBEAT_MS);
  await listening;
});

it("sends a returning session tips that ended within a day, and open ones of any age", async () => {
  const opened = await sessions.open({ sessionId: undefined, host: "192.0.2.1" }, START);
  const [first] = await opened.next();
  if (first?.event.type !== "welcome") throw new Error("no welcome");
  const { sessionId } = first.event;
  const about = { payerId: "a stranger" as SessionId, payeeId: sessionId, matchId: "m" as MatchId, amountMsat: 1_000 };
  const enter = async (id: string) => {
    const tip = offered({ ...about, id: id as TipId, comment: "" }, clock.nowMs());
    const added = await tips.add(tip, [], tipBudget);
    if (added.state !== "added") throw new Error(added.state);
    return added.tip;
  };
  const endTip = async (tip: LedgerEntry) => tips.change(cancelled(tip, sessionId, clock.nowMs()), tip.number);
  await enter("open");
  await endTip(await enter("long ago"));
  await clock.pass(1);
  await endTip(await enter("a day ago"));
  bans.stop(); // no refresh of bans during the day
  const session = realm.sessions.get(sessionId);
  if (session === undefined) throw new Error("no session");
  realm.send(session, { type: "partner_back", matchId: "m" as MatchId }, clock.nowMs()); // otherwise it would end with its stream
  opened.end();
  await clock.pass(DAY_MS);
  const back = await sessions.open({ sessionId, host: "192.0.2.1" }, START);
  const [again] = await back.next();
  const received = again?.event.type === "welcome" ? again.event.tips.map(({ id }) => id) : [];
  expect(received.sort()).toEqual(["a day ago", "open"]);
  back.end();
});
