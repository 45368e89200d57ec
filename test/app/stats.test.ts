import { afterEach, beforeEach, expect, it } from "vitest";
import { soon } from "../support/soon.js";
import { MemoryLobby } from "../../src/adapters/memory/lobby.js";
import { MemoryMeter } from "../../src/adapters/metrics/meter.js";
import { LobbyState } from "../../src/adapters/memory/lobby-state.js";
import { MemorySamples } from "../../src/adapters/memory/cluster-stats.js";
import { systemRandom } from "../../src/adapters/node/random.js";
import { systemProcessStats } from "../../src/adapters/node/process-stats.js";
import { type StatsSnapshot, SAMPLE_MS, Stats } from "../../src/app/stats.js";
import { Streams } from "../../src/app/streams.js";
import { SlowClock } from "../support/slow-clock.js";

let clock: SlowClock;
let meter: MemoryMeter;
let stats: Stats;
const processStats = systemProcessStats();
beforeEach(() => {
  clock = new SlowClock();
  meter = new MemoryMeter(processStats);
  const lobby = new MemoryLobby(new LobbyState(20_000));
  const streams = new Streams(clock, systemRandom, {
    heartbeatMs: 1000,
    maxPerAddress: 10,
    maxReturning: 10,
    lifetimeMs: 1e9,
  });
  const clusterStats = new MemorySamples();
  const onError = (error: unknown) => {
    throw error;
  };
  stats = new Stats({
    meter,
    processStats,
    lobby,
    bans: { count: 0 },
    webhooks: { status: () => Promise.resolve([]) },
    streams,
    clusterStats,
    clock,
    isReady: () => true,
    onError,
  });
});
afterEach(() => stats.stop());

/** Watches until it is stopped; received samples are in `seen`. */
function watch(cursor?: number) {
  const seen: StatsSnapshot[] = [];
  const leaving = new AbortController();
  const watching = (async () => {
    for await (const figures of stats.watch("instance", cursor, leaving.signal)) seen.push(figures);
  })();
  const stop = async () => {
    leaving.abort();
    await watching;
    return seen.map(({ atMs }) => atMs);
  };
  return { seen, stop };
}

it("sends samples once and in order to a watcher that returns with its last cursor", async () => {
  const all = watch();
  const first = watch();
  await clock.pass(3 * SAMPLE_MS);
  const before = await first.stop();
  await clock.pass(2 * SAMPLE_MS);
  const second = watch(before.at(-1));
  await clock.pass(2 * SAMPLE_MS);
  const after = await second.stop();
  expect([before.length, after.length]).toEqual([3, 4]);
  expect([...before, ...after]).toEqual(await all.stop());
});

it("keeps samples for five minutes", async () => {
  await clock.pass(600_000);
  const watched = watch(0);
  await soon(() => expect(watched.seen).toHaveLength(60));
  const times = await watched.stop();
  expect((times.at(-1) ?? 0) - (times[0] ?? 0)).toBe(300_000 - SAMPLE_MS);
});

it("counts over the last minute only", async () => {
  meter.relayed(120);
  await clock.pass(60_000);
  expect((await stats.get("instance")).sample).toMatchObject({ signalRate: 2, counted: { signals: 120 } });
  await clock.pass(2 * SAMPLE_MS);
  expect((await stats.get("instance")).sample.counted.signals).toBe(0);
});

it("computes rates of a new instance by its age", async () => {
  meter.relayed(50);
  await clock.pass(2 * SAMPLE_MS);
  expect((await stats.get("instance")).sample.signalRate).toBe(5);
});

it("refuses a cursor that is too far in the future", async () => {
  const ahead = stats.watch("instance", clock.nowMs() + 61_000, new AbortController().signal);
  await expect(ahead.next()).rejects.toMatchObject({ reason: "field_invalid", context: { field: "cursor" } });
});

it("ends its watchers when it stops, and leaves no timer", async () => {
  const watched = watch();
  await clock.pass(SAMPLE_MS);
  await stats.stop();
  await clock.pass(10 * SAMPLE_MS);
  expect(await watched.stop()).toHaveLength(1);
});
