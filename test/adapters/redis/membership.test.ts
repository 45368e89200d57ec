import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { systemClock } from "../../../src/adapters/node/clock.js";
import { Agreement } from "../../../src/adapters/redis/agreement.js";
import { RedisClock } from "../../../src/adapters/redis/clock.js";
import { EventCache } from "../../../src/adapters/redis/event-cache.js";
import { attachedKey } from "../../../src/adapters/redis/keys.js";
import { Membership } from "../../../src/adapters/redis/membership.js";
import { ScriptRunner } from "../../../src/adapters/redis/script-runner.js";
import { RedisServer } from "../../support/redis.js";
import { SlowClock } from "../../support/slow-clock.js";
import { soon } from "../../support/soon.js";

const realm = "agreeing";

let redis: RedisServer;
beforeAll(async () => {
  redis = await RedisServer.start();
});
afterAll(() => redis.close());

/** A node whose heartbeats are driven by the test's clock. */
async function join(node: string, sessionSecret: string) {
  const store = await ScriptRunner.open({ urls: [redis.url], realm, handshakeMs: 20_000 }, () => undefined);
  onTestFinished(() => store.close());
  const [steady, disagreements]: [SlowClock, (readonly string[])[]] = [new SlowClock(), []];
  const agreement = new Agreement({ realm, sessionSecret, lightningNetwork: "off", matching: "" });
  let heartbeats = 0;
  const clocks = { realm: new RedisClock(systemClock), steady };
  const membership = await Membership.join(store, node, new EventCache(), clocks, agreement, {
    windowMs: 60_000,
    onSilence: () => undefined,
    onDisagreement: (names) => disagreements.push(names),
    onHeartbeat: () => heartbeats++,
  });
  onTestFinished(() => membership.leave());
  /** Advances the clock to the next heartbeat and not beyond, as time does while one is under way. Waits for it. */
  const heartbeat = async () => {
    const before = heartbeats;
    await soon(async () => {
      await steady.next();
      expect(heartbeats).toBeGreaterThan(before);
    });
  };
  return { membership, store, heartbeat, disagreements };
}

it("accepts no streams while others hold the realm with another agreement, reports it once, and recovers when they are gone", async () => {
  const old = await join("old", "one secret");
  expect(old.membership.isHealthy).toBe(true);
  await old.store.client.flushall(); // Redis restarted empty, and the other was faster
  const other = await join("other", "another secret");
  await old.heartbeat();
  expect(old.membership.isHealthy).toBe(false);
  expect(old.membership.mayReap).toBe(false);
  expect(old.membership.troubles).toEqual([expect.stringContaining("SESSION_SECRET differs from that of")]);
  await old.heartbeat();
  await old.heartbeat();
  expect(old.disagreements).toEqual([["SESSION_SECRET"]]);
  expect(other.membership.troubles).toEqual([]);
  expect(await old.store.client.zscore(`${old.store.key}:nodes`, "old")).toBeNull();

  await other.membership.leave();
  // A heartbeat that was under way may still have met the other's lease.
  await soon(async () => {
    await old.heartbeat();
    expect(old.membership.isHealthy).toBe(true);
  });
  expect(old.membership.troubles).toEqual([]);
});

it("does not join a Redis that refuses writes", async () => {
  const client = (await join("first", "one secret")).store.client;
  await client.config("SET", "min-replicas-to-write", "1");
  onTestFinished(async () => {
    await client.config("SET", "min-replicas-to-write", "0");
  });
  await expect(join("second", "one secret")).rejects.toMatchObject({ reason: "store_away" });
});

it("detaches all sessions without a stream, however many, and lists them in steps", async () => {
  const { store, heartbeat } = await join("crowded", "one secret");
  const key = attachedKey(realm, "crowded");
  const ids = Array.from({ length: 3_000 }, (_, index) => `stray-${String(index)}`);
  await store.client.sadd(key, ...ids);
  await store.client.config("RESETSTAT");
  for (let heartbeats = 0; heartbeats < 8; heartbeats++) await heartbeat(); // two inventories
  expect(await store.client.scard(key)).toBe(0);
  const calls = await store.client.info("commandstats");
  expect(calls).not.toContain("cmdstat_smembers:");
  expect(Number(/cmdstat_sscan:calls=(\d+)/.exec(calls)?.[1])).toBeGreaterThanOrEqual(3);
});
