import { expect, it, onTestFinished } from "vitest";
import { systemClock } from "../../../src/adapters/node/clock.js";
import { EventCache } from "../../../src/adapters/redis/event-cache.js";
import { RedisLobby } from "../../../src/adapters/redis/lobby.js";
import { RedisMailbox } from "../../../src/adapters/redis/mailbox.js";
import { ScriptRunner } from "../../../src/adapters/redis/script-runner.js";
import { searchBounds } from "../../../src/core/search.js";
import { HANDSHAKE_MS, LobbyHarness, WINDOW_MS } from "../../contract/lobby-harness.js";
import { viewsOf } from "../../support/redis-stores.js";
import { RedisServer } from "../../support/redis.js";

it("removes stale queue entries in limited steps, and finds the session behind them", async () => {
  const redis = await RedisServer.start();
  onTestFinished(() => redis.close());
  const store = await ScriptRunner.open(
    { urls: [redis.url], realm: "faulty", handshakeMs: HANDSHAKE_MS },
    () => undefined,
  );
  onTestFinished(() => store.close());
  const lobby = new RedisLobby(store, "a-node", WINDOW_MS, () => true);
  const mailbox = new RedisMailbox(store, new EventCache(), systemClock);
  const harness = new LobbyHarness({ lobby, mailbox, ...viewsOf(store), close: () => Promise.resolve() });
  await harness.enter("ann", "bob", "cyd");
  await harness.match("cyd");
  await harness.detach("cyd");
  await harness.match("ann");
  const pools = await store.client.keys(`${store.key}:pool:*`);
  const stale = Array.from({ length: 3 * searchBounds.visits }, (_, index) => [index, `gone-${String(index)}`]);
  const places = [...stale.slice(1), [0, "cyd"]].flat(); // an away session waits without a queue entry
  for (const pool of pools) await store.client.zadd(pool, ...places);
  const left = async () =>
    Math.min(...(await Promise.all(pools.map((pool) => store.client.zcount(pool, "-inf", 1_000)))));
  expect(await harness.match("bob")).toEqual({ state: "waiting" });
  expect(await left()).toBe(2 * searchBounds.visits);
  await harness.pass(5_000);
  expect(await harness.matchIdOf("bob")).toBe(await harness.matchIdOf("ann"));
  expect(await left()).toBe(0);
});
