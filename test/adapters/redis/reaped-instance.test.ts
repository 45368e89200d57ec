import { expect, it, onTestFinished } from "vitest";
import { systemClock } from "../../../src/adapters/node/clock.js";
import { EventCache } from "../../../src/adapters/redis/event-cache.js";
import { RedisLobby } from "../../../src/adapters/redis/lobby.js";
import { RedisMailbox } from "../../../src/adapters/redis/mailbox.js";
import { ScriptRunner } from "../../../src/adapters/redis/script-runner.js";
import { AVOID_MS, limits, PARTED_AT_ONCE } from "../../../src/core/limits.js";
import { candidate, HANDSHAKE_MS, LobbyHarness, WINDOW_MS } from "../../contract/lobby-harness.js";
import { viewsOf } from "../../support/redis-stores.js";
import { RedisServer } from "../../support/redis.js";
import { setPacked, unpacked } from "../../support/packed.js";

async function stageOn(node: string): Promise<{ harness: LobbyHarness; store: ScriptRunner; other: RedisLobby }> {
  const redis = await RedisServer.start();
  onTestFinished(() => redis.close());
  const store = await ScriptRunner.open(
    { urls: [redis.url], realm: "lonely", handshakeMs: HANDSHAKE_MS },
    () => undefined,
  );
  onTestFinished(() => store.close());
  const [lobby, other] = [node, "another"].map((one) => new RedisLobby(store, one, WINDOW_MS, () => true));
  if (lobby === undefined || other === undefined) throw new Error("there must be two");
  const mailbox = new RedisMailbox(store, new EventCache(), systemClock);
  return {
    harness: new LobbyHarness({ lobby, mailbox, ...viewsOf(store), close: () => Promise.resolve() }),
    store,
    other,
  };
}

it("detaches sessions that a node opens after it was declared dead", async () => {
  const { harness, store, other } = await stageOn("a-node-without-a-lease");
  await harness.enter("ann", "bob");
  await harness.couple("ann", "bob");
  await store.run("renew", "another", 60_000);
  await store.client.zincrby(`${store.key}:nodes`, -10_001, "a-node-without-a-lease"); // its lease has expired
  await other.expire({ nowMs: harness.nowMs, limit: 100 });
  expect(await other.count()).toMatchObject({ sessions: 2, matches: 1 });
  await other.expire({ nowMs: harness.nowMs + WINDOW_MS + 1, limit: 100 });
  expect(await other.count()).toMatchObject({ sessions: 0, matches: 0 });
});

it("detaches a limited number of sessions per step", async () => {
  const { harness, store, other } = await stageOn("a-node");
  await harness.enter("ann", "bob", "cyd");
  await store.run("renew", "another", 60_000);
  await store.client.zincrby(`${store.key}:nodes`, -10_001, "a-node");
  const left: number[] = [];
  for (let times = 0; times < 2; times++) {
    await other.expire({ nowMs: harness.nowMs, limit: 2 });
    left.push(await store.client.scard(`${store.key}:attached:a-node`));
  }
  expect(left).toEqual([1, 0]);
});

it("reports an ended match to a sender whose match was lost", async () => {
  const { harness, store } = await stageOn("a-node");
  await harness.enter("ann", "bob");
  const matchId = await harness.couple("ann", "bob");
  await store.client.del(`${store.key}:match:${matchId}`);
  expect(await harness.relay("ann", matchId, 1)).toEqual({ state: "over" });
  expect((await harness.events("ann")).at(-1)).toMatchObject({ type: "match_ended", reason: "partner_lost" });
});

it("skips the deadline of a lost match", async () => {
  const { harness, store, other } = await stageOn("a-node");
  await harness.enter("ann", "bob");
  const matchId = await harness.couple("ann", "bob");
  await store.client.del(`${store.key}:match:${matchId}`);
  expect(await other.expire({ nowMs: harness.nowMs + HANDSHAKE_MS, limit: 100 })).toEqual({ nextMs: undefined });
});

it("declares no node dead by the caller's clock, or while the caller's own lease has expired", async () => {
  const { harness, store, other } = await stageOn("a-node");
  const attached = () => store.client.scard(`${store.key}:attached:a-node`);
  await store.run("renew", "a-node", 60_000);
  await store.run("renew", "another", 60_000);
  await harness.enter("ann");
  await other.expire({ nowMs: Date.now() + 3_600_000, limit: 100 });
  expect(await attached(), "a clock an hour ahead has no effect").toBe(1);
  for (const node of ["a-node", "another"]) await store.client.zincrby(`${store.key}:nodes`, -60_001, node);
  await other.expire({ nowMs: harness.nowMs, limit: 100 });
  expect(await attached(), "all leases have expired, as after an outage of Redis").toBe(1);
  await store.run("renew", "another", 60_000);
  await other.expire({ nowMs: harness.nowMs, limit: 100 });
  expect(await attached()).toBe(0);
});

it("limits the recent partners of a session", async () => {
  const { harness, store } = await stageOn("a-node");
  await harness.enter("ann");
  for (let count = 0; count <= limits.recentPartners; count++) {
    await harness.enter(`partner-${String(count)}`);
    await harness.couple("ann", `partner-${String(count)}`);
    await harness.leave("ann");
  }
  expect(await store.client.zcard(`${store.key}:avoided:ann`)).toBe(limits.recentPartners);
  expect(await store.client.zscore(`${store.key}:avoided:ann`, "partner-0")).toBeNull();
});

it("limits the pairs that are kept apart, and drops those that may meet again a few at a time", async () => {
  const { harness, store } = await stageOn("a-node");
  harness.networks.set("ann", "~ann.net-ann");
  await harness.enter("ann", "bob", "cyd");
  const key = `${store.key}:parted`;
  const fill = async (count: number, untilMs: number) => {
    for (let first = 0; first < count; first += 10_000) {
      const length = Math.min(10_000, count - first);
      const pairs = Array.from({ length }, (_, index) => [untilMs, `pair ${String(first + index)}`]);
      await store.client.zadd(key, ...pairs.flat());
    }
  };
  await fill(100, harness.nowMs - 1);
  await harness.couple("ann", "bob");
  await harness.leave("ann");
  expect(await store.client.zcard(key)).toBe(101 - PARTED_AT_ONCE);
  await store.client.del(key);
  await fill(limits.partedPairs, harness.nowMs + 1_000);
  await harness.couple("ann", "cyd");
  await harness.leave("ann");
  expect(await store.client.zcard(key)).toBe(limits.partedPairs);
  expect(await store.client.zscore(key, "cyd ~ann")).toBe(String(harness.nowMs + AVOID_MS));
});

it("limits the redactions of a mailbox to the newest", async () => {
  const { harness, store } = await stageOn("a-node");
  await harness.enter("ann", "bob");
  const matchId = await harness.couple("ann", "bob");
  await harness.relay("ann", matchId, 1, candidate("secret"));
  const session = `${store.key}:session:bob`;
  await setPacked(store.client, session, "redacted", "earlier 1 ".repeat(2_000));
  await harness.report("bob", matchId);
  expect((await unpacked(store.client, session))?.redacted).toHaveLength(16 * 1024);
  expect(JSON.stringify(await harness.events("bob"))).not.toContain("secret");
});
