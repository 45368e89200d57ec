import { expect, it, onTestFinished, vi } from "vitest";
import { systemClock } from "../../src/adapters/node/clock.js";
import { Bus } from "../../src/adapters/redis/bus.js";
import { EventCache } from "../../src/adapters/redis/event-cache.js";
import { ScriptRunner } from "../../src/adapters/redis/script-runner.js";
import type { SessionId } from "../../src/core/ids.js";
import { RedisServer } from "../support/redis.js";

const STREAMS = 5_000;

it("wakes 5,000 streams within two seconds, a few hundred at once, when its bus missed a message", async () => {
  const redis = await RedisServer.start();
  onTestFinished(() => redis.close());
  const store = await ScriptRunner.open({ urls: [redis.url], realm: "pace", handshakeMs: 20_000 }, () => undefined);
  const [feeds, woken] = [new EventCache(), new Map<SessionId, number>()];
  const bus = new Bus(store, "node", feeds, systemClock, () => undefined);
  onTestFinished(() => {
    bus.close();
    store.close();
  });
  for (let index = 0; index < STREAMS; index++) {
    const id = String(index) as SessionId;
    feeds.watch(id, () => woken.set(id, (woken.get(id) ?? 0) + 1));
  }
  const startMs = performance.now();
  bus.invalidate();
  expect(woken.size).toBeGreaterThan(0);
  expect(woken.size).toBeLessThan(500);
  bus.invalidate();
  await vi.waitUntil(() => woken.size === STREAMS, { timeout: 5_000 });
  expect(performance.now() - startMs).toBeLessThan(2_000);
  expect(Math.max(...woken.values()), "a second request does not start over").toBeLessThan(3);
});
