import { expect, it, onTestFinished } from "vitest";
import { openDatabase } from "../../src/adapters/lmdb/database.js";
import { LmdbTips } from "../../src/adapters/lmdb/tip-ledger.js";
import { ScriptRunner } from "../../src/adapters/redis/script-runner.js";
import { RedisTips } from "../../src/adapters/redis/tip-ledger.js";
import type { AddressKey, MatchId, SessionId, TipId } from "../../src/core/ids.js";
import { dayOf, remainingDayMs } from "../../src/core/day.js";
import { offered } from "../../src/core/tip.js";
import type { TipStore } from "../../src/ports/tip-ledger.js";
import { lmdbFixture } from "../support/store-fixture.js";
import { RedisServer } from "../support/redis.js";

const HOUR_MS = 3_600_000;
const nowMs = 1_800_000_000_000;
const budget = { open: 100, ofNetwork: 10, all: 100 };

/** One tip, which counts towards this many networks. */
async function tipFrom(tips: TipStore, networks: number): Promise<void> {
  const sides = { payerId: "ann" as SessionId, payeeId: "bob" as SessionId };
  const about = { id: "t".repeat(22) as TipId, matchId: "m" as MatchId, amountMsat: 1_000, comment: "", ...sides };
  const keys = Array.from({ length: networks }, (_, index) => `net-${String(index)}` as AddressKey);
  expect(await tips.add(offered(about, nowMs), keys, budget)).toMatchObject({ state: "added" });
}

it("LMDB deletes the day's counts of networks, in steps, when no clock can show that day any more", async () => {
  const fixture = await lmdbFixture();
  onTestFinished(() => fixture.remove());
  const root = openDatabase(fixture.folder);
  onTestFinished(() => root.close());
  const tips = new LmdbTips(root);
  const counters = root.openDB({ name: "tips-of-networks" });
  await tipFrom(tips, 5);
  const midnightMs = nowMs + remainingDayMs(nowMs);
  expect(await tips.prune(midnightMs + HOUR_MS - 1, 2)).toBe(false);
  expect(counters.getCount()).toBe(5);
  const left = [];
  while (await tips.prune(midnightMs + HOUR_MS + 1, 2)) left.push(counters.getCount());
  expect([...left, counters.getCount()]).toEqual([3, 1, 0]);
});

it("Redis deletes the day's counts of networks two days after the last tip", async () => {
  const redis = await RedisServer.start();
  onTestFinished(() => redis.close());
  const store = await ScriptRunner.open({ urls: [redis.url], realm: "days", handshakeMs: 20_000 }, () => undefined);
  onTestFinished(() => store.close());
  await tipFrom(new RedisTips(store), 5);
  const key = `${store.key}:tips:networks:${dayOf(nowMs)}`;
  expect(await store.client.hlen(key)).toBe(5);
  expect(await store.client.pttl(key)).toBeGreaterThan(47 * HOUR_MS);
});
