import { afterEach, beforeEach, expect, it } from "vitest";
import { Agreement } from "../../src/adapters/redis/agreement.js";
import { EventCache } from "../../src/adapters/redis/event-cache.js";
import { ScriptRunner } from "../../src/adapters/redis/script-runner.js";
import type { Event } from "../../src/core/event.js";
import type { Epoch, SessionId } from "../../src/core/ids.js";
import { TestClient, transportTo } from "../support/test-client.js";
import { RedisServer } from "../support/redis.js";
import { readRefusal } from "../support/refusal.js";
import { startServer, type TestServer } from "../support/server.js";

const [realm, LEASE_MS] = ["met-by-strangers", 60_000];

let redis: RedisServer;
let server: TestServer;
let store: ScriptRunner;
beforeEach(async () => {
  redis = await RedisServer.start();
  const variables = { REDIS_ENABLED: "true", REDIS_URL: redis.url, REALM: realm, LOG_LEVEL: "silent" };
  server = await startServer({ ...variables, SESSION_SECRET: "the secret of the instances that were first" });
  store = await ScriptRunner.open({ urls: [redis.url], realm, handshakeMs: 20_000 }, () => undefined);
});
afterEach(async () => {
  await server.close();
  store.close();
  await redis.close();
});

async function untilReady(ready: boolean): Promise<string[]> {
  for (;;) {
    const answer = (await (await fetch(`${server.url}/readyz`)).json()) as { ready: boolean; troubles: string[] };
    if (answer.ready === ready) return answer.troubles;
  }
}

it("accepts no streams while others hold the realm with another secret, reports it, and accepts them afterwards", async () => {
  const sessionSecret = "the secret of the instances that came faster";
  const other = new Agreement({ realm, sessionSecret, lightningNetwork: "bitcoin", matching: "" });
  await store.client.flushall(); // Redis restarted empty
  await store.run("renew", "another", LEASE_MS, ...other.pairs);
  expect(String(await untilReady(false))).toContain("SESSION_SECRET differs");
  const refused = await TestClient.open(transportTo(server.url)).catch(readRefusal);
  expect(refused).toMatchObject({ code: "Unavailable", message: "this instance accepts no streams; try again" });
  await store.run("renew", "another", 0);
  await untilReady(true);
  const person = await TestClient.open(transportTo(server.url));
  expect(person.welcome.sessionId).not.toBe("");
});

it("reads the mailbox if a message of the bus is not an event", () => {
  const feeds = new EventCache();
  const [sessionId, epoch] = ["ann" as SessionId, "e1" as Epoch];
  const position = { sessionId, generation: 1, epoch, afterSequence: 0 };
  let wakes = 0;
  feeds.watch(sessionId, () => {
    wakes++;
  });
  feeds.follow(position, 0, feeds.mark(sessionId), 0);
  feeds.receive(`ann event e1 1 {"type":`);
  expect([wakes, feeds.take(position, 0)]).toEqual([1, undefined]);
  feeds.follow(position, 0, feeds.mark(sessionId), 0);
  const event: Event = { type: "match_ended" } as Event;
  feeds.receive(`ann event e1 1 ${JSON.stringify(event)}`);
  expect(feeds.take(position, 0)).toEqual([{ sequence: 1, event }]);
});
