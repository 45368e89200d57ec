import { expect, it, onTestFinished } from "vitest";
import { systemClock } from "../../../src/adapters/node/clock.js";
import { EventCache } from "../../../src/adapters/redis/event-cache.js";
import { RedisLobby } from "../../../src/adapters/redis/lobby.js";
import { RedisMailbox } from "../../../src/adapters/redis/mailbox.js";
import { ScriptRunner } from "../../../src/adapters/redis/script-runner.js";
import { limits } from "../../../src/core/limits.js";
import { candidate, HANDSHAKE_MS, Stage, WINDOW_MS } from "../../contract/stage.js";
import { RedisServer } from "../../support/redis.js";

async function stageOn(node: string): Promise<{ stage: Stage; store: ScriptRunner; other: RedisLobby }> {
  const redis = await RedisServer.start();
  onTestFinished(() => redis.close());
  const store = await ScriptRunner.open(
    { urls: [redis.url], realm: "lonely", handshakeMs: HANDSHAKE_MS },
    () => undefined,
  );
  onTestFinished(() => store.close());
  const [lobby, other] = [node, "another"].map((one) => new RedisLobby(store, one, WINDOW_MS, () => true));
  if (lobby === undefined || other === undefined) throw new Error("there are two");
  const mailbox = new RedisMailbox(store, new EventCache(), systemClock);
  return { stage: new Stage({ lobby, mailbox, close: () => Promise.resolve() }), store, other };
}

it("puts away what a node opens that was taken for dead and never comes back", async () => {
  const { stage, store, other } = await stageOn("a-node-without-a-lease");
  await stage.enter("ann", "bob");
  await stage.couple("ann", "bob");
  await store.run("renew", "another", 60_000);
  await store.client.zincrby(`${store.key}:nodes`, -10_001, "a-node-without-a-lease"); // the time it was given is over
  await other.expire({ nowMs: stage.nowMs, limit: 100 });
  expect(await other.count()).toMatchObject({ sessions: 2, matches: 1 });
  await other.expire({ nowMs: stage.nowMs + WINDOW_MS + 1, limit: 100 });
  expect(await other.count()).toMatchObject({ sessions: 0, matches: 0 });
});

it("puts away no more of them in one step than it may", async () => {
  const { stage, store, other } = await stageOn("a-node");
  await stage.enter("ann", "bob", "cyd");
  await store.run("renew", "another", 60_000);
  await store.client.zincrby(`${store.key}:nodes`, -10_001, "a-node");
  const left: number[] = [];
  for (let times = 0; times < 2; times++) {
    await other.expire({ nowMs: stage.nowMs, limit: 2 });
    left.push(await store.client.scard(`${store.key}:attached:a-node`));
  }
  expect(left).toEqual([1, 0]);
});

it("tells a sender whose match was lost that it is over", async () => {
  const { stage, store } = await stageOn("a-node");
  await stage.enter("ann", "bob");
  const matchId = await stage.couple("ann", "bob");
  await store.client.del(`${store.key}:match:${matchId}`);
  expect(await stage.relay("ann", matchId, 1)).toEqual({ state: "over" });
  expect((await stage.events("ann")).at(-1)).toMatchObject({ type: "match_ended", reason: "partner_lost" });
});

it("goes past the deadline of a match that was lost", async () => {
  const { stage, store, other } = await stageOn("a-node");
  await stage.enter("ann", "bob");
  const matchId = await stage.couple("ann", "bob");
  await store.client.del(`${store.key}:match:${matchId}`);
  expect(await other.expire({ nowMs: stage.nowMs + HANDSHAKE_MS, limit: 100 })).toEqual({ nextMs: undefined });
});

it("takes nobody for dead by the caller's time, nor while the caller's own lease has run out", async () => {
  const { stage, store, other } = await stageOn("a-node");
  const attached = () => store.client.scard(`${store.key}:attached:a-node`);
  await store.run("renew", "a-node", 60_000);
  await store.run("renew", "another", 60_000);
  await stage.enter("ann");
  await other.expire({ nowMs: Date.now() + 3_600_000, limit: 100 });
  expect(await attached(), "an hour ahead, it harms nobody").toBe(1);
  for (const node of ["a-node", "another"]) await store.client.zincrby(`${store.key}:nodes`, -60_001, node);
  await other.expire({ nowMs: stage.nowMs, limit: 100 });
  expect(await attached(), "all leases ran out, as when Redis was away").toBe(1);
  await store.run("renew", "another", 60_000);
  await other.expire({ nowMs: stage.nowMs, limit: 100 });
  expect(await attached()).toBe(0);
});

it("remembers no more partners of late than it may", async () => {
  const { stage, store } = await stageOn("a-node");
  await stage.enter("ann");
  for (let count = 0; count <= limits.recentPartners; count++) {
    await stage.enter(`partner-${String(count)}`);
    await stage.couple("ann", `partner-${String(count)}`);
    await stage.leave("ann");
  }
  expect(await store.client.zcard(`${store.key}:avoided:ann`)).toBe(limits.recentPartners);
  expect(await store.client.zscore(`${store.key}:avoided:ann`, "partner-0")).toBeNull();
});

it("notes no more of what a mailbox must not tell than it may, and the newest", async () => {
  const { stage, store } = await stageOn("a-node");
  await stage.enter("ann", "bob");
  const matchId = await stage.couple("ann", "bob");
  await stage.relay("ann", matchId, 1, candidate("secret"));
  const session = `${store.key}:session:bob`;
  await store.client.hset(session, "redacted", "earlier 1 ".repeat(2_000));
  await stage.report("bob", matchId);
  expect(await store.client.hstrlen(session, "redacted")).toBe(16 * 1024);
  expect(JSON.stringify(await stage.events("bob"))).not.toContain("secret");
});
