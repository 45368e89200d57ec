import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import { uniqueInterest } from "../support/pair.js";
import { TestClient } from "../support/test-client.js";
import { refusalOf } from "../support/refusal.js";
import { ownTimeMs } from "./support/own-time.js";
import { it } from "./support/cluster-fixture.js";
import { eventually, goOn, settle } from "./support/settle.js";

/** Longer than the lease of an instance. */
const AWAY_MS = 12_000;
/** How often calls are made meanwhile, at least. */
const CALLS = 9;

it("keeps its streams open while Redis is unreachable, answers calls within 1.5 s, and then continues without loss", async ({
  fixture,
}) => {
  const fleet = await fixture.fleet({ instances: 2, redisFlags: ["--appendonly", "yes", "--appendfsync", "always"] });
  const crowd = await fixture.crowd(60, fleet.urls);
  const { clients } = crowd;
  const person = await TestClient.open(fleet.transport(0));
  await person.match({ preferences: { interests: [uniqueInterest()] } }); // else its session ends with its stream
  await person.leave();
  crowd.roam();
  await goOn(crowd);
  await fleet.redis.stop();
  const heartbeats = clients.map(({ count }) => count.heartbeats);
  const endMs = performance.now() + AWAY_MS;
  for (let calls = 0; calls < CALLS || performance.now() < endMs; calls++) {
    const unavailable = { code: "Unavailable", reason: "STORE_AWAY", retryMs: expect.any(Number) as number };
    const tookMs = await ownTimeMs(fleet.instance(0).url, async () => {
      const asked = [person.match(), person.leave(), TestClient.open(person.transport)];
      for (const refusal of await Promise.all(asked.map(refusalOf))) expect(refusal).toMatchObject(unavailable);
    });
    expect(tookMs).toBeLessThan(1_500);
    await sleep(100);
  }
  for (const [index, { count }] of clients.entries()) {
    expect(count.heartbeats).toBeGreaterThan((heartbeats[index] ?? 0) + 5);
  }
  await fleet.redis.start();
  await goOn(crowd);
  await person.leave();
  await person.break();
  await settle(crowd, fleet);
  const once = { sessions: 1, streams: 2, resumed: 1, snapshots: 0 }; // each client resumes after its last event
  for (const { count } of clients) expect(count).toMatchObject(once);
  for (const { output } of fleet.instances) expect(output.split("\n").length).toBeLessThan(30);
});

it("starts new sessions when Redis restarts empty, and pairs them again", async ({ fixture }) => {
  const fleet = await fixture.fleet({ instances: 2 });
  const crowd = await fixture.crowd(60, fleet.urls);
  const { clients } = crowd;
  const person = await TestClient.open(fleet.transport(0));
  crowd.roam();
  await goOn(crowd);
  await fleet.redis.stop();
  await sleep(1_000);
  await fleet.redis.start();
  await eventually("all clients have a new session", () => clients.every(({ count }) => count.sessions === 2));
  expect((await person.rest()).at(-1)).toMatchObject({ case: "sessionClosed", value: { shouldReconnect: true } });
  expect(await refusalOf(TestClient.open(person.transport, person.resume))).toMatchObject({
    reason: "SESSION_UNKNOWN",
  });
  await goOn(crowd);
  await settle(crowd, fleet);
  expect(clients.filter(({ count }) => count.sessions !== 2)).toEqual([]);
});

it("stops on SIGTERM while Redis is unreachable", async ({ fixture }) => {
  const fleet = await fixture.fleet({ instances: 1 });
  const crowd = await fixture.crowd(10, fleet.urls);
  await crowd.client(0).match();
  await fleet.redis.stop();
  const startMs = performance.now();
  expect(await fleet.instance(0).stop("SIGTERM")).toBe(0);
  expect(performance.now() - startMs).toBeLessThan(30_000);
});
