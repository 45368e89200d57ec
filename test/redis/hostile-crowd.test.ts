import { Redis } from "ioredis";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { AddressKey } from "../../src/core/ids.js";
import { searchBounds } from "../../src/core/search.js";
import { HostileCrowd } from "../support/hostile-crowd.js";
import { RedisServer } from "../support/redis.js";
import { redisStores } from "../support/redis-stores.js";

let redis: RedisServer;
let client: Redis;
beforeAll(async () => {
  redis = await RedisServer.start();
  client = new Redis(redis.url);
});
afterAll(async () => {
  client.disconnect();
  await redis.close();
});

/** Work of Redis so far: lookups in avoid lists, two per visit, and CPU microseconds. */
async function work(): Promise<{ looks: number; cpuUs: number }> {
  const stats = await client.info("commandstats");
  const cpu = await client.info("cpu");
  const seconds = ["user", "sys"].map((kind) =>
    Number(new RegExp(`used_cpu_${kind}_main_thread:(\\S+)`).exec(cpu)?.[1]),
  );
  const looks = Number(/cmdstat_zscore:calls=(\d+)/.exec(stats)?.[1] ?? 0);
  return { looks, cpuUs: 1e6 * seconds.reduce((a, b) => a + b) };
}

async function during(act: () => Promise<unknown>) {
  const before = await work();
  await act();
  const after = await work();
  return { looks: after.looks - before.looks, cpuUs: Math.round(after.cpuUs - before.cpuUs) };
}

it("does bounded work for sessions that all avoid each other, in a Match and in a step of the reaper", async () => {
  const stores = await redisStores([redis.url], 20_000, 60_000);
  const crowd = await HostileCrowd.gather(stores, 100);
  for (const name of crowd.names) await crowd.match(name);
  await crowd.leave("pest-50");
  const match = await during(() => crowd.match("pest-50"));
  expect(match.looks).toBeLessThanOrEqual(2 * searchBounds.visits);
  const steps: { looks: number; cpuUs: number }[] = [];
  for (const untilMs = crowd.nowMs + 20_000; crowd.nowMs < untilMs; crowd.nowMs += 250) {
    const reap = () => stores.lobby.expire({ nowMs: crowd.nowMs, limit: 1_000 });
    steps.push(await during(() => reap().then(reap).then(reap))); // like several instances
  }
  const most = (key: "looks" | "cpuUs") => Math.max(...steps.map((step) => step[key]));
  // Every session is in at least fifty pools of all others.
  expect(most("looks")).toBeLessThanOrEqual((2 * (searchBounds.stepPlaces + searchBounds.places)) / 50);
  expect((await stores.lobby.count()).waiting).toBe(100);
  process.stdout.write(`a Match: ${JSON.stringify(match)}; the dearest step: ${String(most("cpuUs"))} us\n`);
  await stores.close();
});

it("does bounded work for sessions that lose a partner to a ban", async () => {
  const stores = await redisStores([redis.url], 20_000, 60_000);
  const crowd = await HostileCrowd.gather(stores, 40);
  const partners = crowd.names.slice(0, 20);
  for (const name of partners) {
    await crowd.enter(`bad-${name}`, "bad");
    await crowd.match(`bad-${name}`);
    expect(await crowd.match(name, HostileCrowd.wish, true)).toMatchObject({ state: "matched" });
  }
  for (const name of crowd.names.slice(20)) await crowd.match(name);
  const ban = { addressKey: "bad" as AddressKey, reason: "banned", keep: 0, nowMs: crowd.nowMs, limit: 200 } as const;
  const step = await during(() => stores.lobby.closeSessions(ban));
  expect(step.looks).toBeLessThanOrEqual((2 * (searchBounds.stepPlaces + searchBounds.places)) / 50);
  expect(await stores.lobby.count()).toEqual({ sessions: 40, waiting: 40, matches: 0 });
  await stores.close();
});
