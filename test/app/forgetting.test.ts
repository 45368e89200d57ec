import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
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
import type { StreamMessage } from "../../src/app/outbound.js";
import { Sessions } from "../../src/app/sessions.js";
import { LoadShedder } from "../../src/app/load-shedder.js";
import { Streams } from "../../src/app/streams.js";
import { addressKeys } from "../../src/core/address-key.js";
import type { SessionId } from "../../src/core/ids.js";
import { SlowClock } from "../support/slow-clock.js";

const HEARTBEAT_MS = 1_000;
const WINDOW_MS = 5_000;
const KEEP_MS = WINDOW_MS + 2 * HEARTBEAT_MS;

it("asks the store to forget delivered events once they are old enough, and not before or again", async () => {
  const clock = new SlowClock();
  const realm = new LobbyState(20_000);
  const mailbox = new MemoryMailbox(realm);
  const trims: number[] = [];
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
  const streams = new Streams(clock, systemRandom, { heartbeatMs: HEARTBEAT_MS, maxPerAddress: 10, lifetimeMs: 1e9 });
  const loadShedder = new LoadShedder({ recentLoopDelayMs: () => 0 }, systemRandom, meter, 250);
  const settings = {
    secret: "secret",
    maxSessions: 10,
    maxPerNetwork: 10,
    resumeWindowMs: WINDOW_MS,
    heartbeatMs: HEARTBEAT_MS,
  };
  const folder = await mkdtemp(join(tmpdir(), "satoshigle-forgetting-"));
  const root = openDatabase(folder);
  const records = new LmdbRecords(root);
  const onError = (error: unknown) => expect.unreachable(String(error));
  const bans = await Bans.start({ lobby, records, clock, keys: addressKeys("secret"), onError });
  const tips = new LmdbTips(root);
  const parts = {
    lobby,
    mailbox: watched,
    tips,
    streams,
    loadShedder,
    bans,
    clock,
    random: systemRandom,
    meter,
    settings,
  };
  const sessions = new Sessions(parts);
  const stream = await sessions.open({ sessionId: undefined, host: "192.0.2.1" }, { epoch: "", lastSequence: 0 });
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
  realm.tell(session, { type: "partner_back", matchId: "m" as never }, toldMs);
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
  bans.stop();
  await root.close();
  await rm(folder, { recursive: true });
  processStats.close();
});
