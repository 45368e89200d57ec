import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import { uniqueInterest } from "../support/pair.js";
import { Person } from "../support/person.js";
import { refusalOf } from "../support/refusal.js";
import { ownTimeMs } from "./support/own-time.js";
import { it } from "./support/scene.js";
import { eventually, goOn, settle } from "./support/settle.js";

/** Longer than the lease of an instance. */
const AWAY_MS = 12_000;
/** How often calls are made meanwhile, at least. */
const CALLS = 9;

it("keeps its streams open while Redis is away, answers calls within 1.5 s, and goes on where it was", async ({
  scene,
}) => {
  const fleet = await scene.fleet({ instances: 2, redisFlags: ["--appendonly", "yes", "--appendfsync", "always"] });
  const crowd = await scene.crowd(60, fleet.urls);
  const { guests } = crowd;
  const person = await Person.open(fleet.transport(0));
  await person.match({ preferences: { interests: [uniqueInterest()] } }); // or its session would end with its stream
  await person.leave();
  crowd.roam();
  await goOn(crowd);
  await fleet.redis.stop();
  const heartbeats = guests.map(({ count }) => count.heartbeats);
  const endMs = performance.now() + AWAY_MS;
  for (let calls = 0; calls < CALLS || performance.now() < endMs; calls++) {
    const unavailable = { code: "Unavailable", reason: "STORE_AWAY", retryMs: expect.any(Number) as number };
    const tookMs = await ownTimeMs(fleet.instance(0).url, async () => {
      const asked = [person.match(), person.leave(), Person.open(person.transport)];
      for (const refusal of await Promise.all(asked.map(refusalOf))) expect(refusal).toMatchObject(unavailable);
    });
    expect(tookMs).toBeLessThan(1_500);
    await sleep(100);
  }
  for (const [index, { count }] of guests.entries()) {
    expect(count.heartbeats).toBeGreaterThan((heartbeats[index] ?? 0) + 5);
  }
  await fleet.redis.start();
  await goOn(crowd);
  await person.leave();
  await person.break();
  await settle(crowd, fleet);
  const once = { sessions: 1, streams: 2, resumed: 1, snapshots: 0 }; // each shows how far it got, and goes on there
  for (const { count } of guests) expect(count).toMatchObject(once);
  for (const { output } of fleet.instances) expect(output.split("\n").length).toBeLessThan(30);
});

it("gives everybody a new session when Redis comes back empty, and they are paired again", async ({ scene }) => {
  const fleet = await scene.fleet({ instances: 2 });
  const crowd = await scene.crowd(60, fleet.urls);
  const { guests } = crowd;
  const person = await Person.open(fleet.transport(0));
  crowd.roam();
  await goOn(crowd);
  await fleet.redis.stop();
  await sleep(1_000);
  await fleet.redis.start();
  await eventually("all have a new session", () => guests.every(({ count }) => count.sessions === 2));
  expect((await person.rest()).at(-1)).toMatchObject({ case: "sessionClosed", value: { shouldReconnect: true } });
  expect(await refusalOf(Person.open(person.transport, person.resume))).toMatchObject({ reason: "SESSION_UNKNOWN" });
  await goOn(crowd);
  await settle(crowd, fleet);
  expect(guests.filter(({ count }) => count.sessions !== 2)).toEqual([]);
});

it("stops when it is told to, though Redis is away", async ({ scene }) => {
  const fleet = await scene.fleet({ instances: 1 });
  const crowd = await scene.crowd(10, fleet.urls);
  await crowd.guest(0).match();
  await fleet.redis.stop();
  const startMs = performance.now();
  expect(await fleet.instance(0).stop("SIGTERM")).toBe(0);
  expect(performance.now() - startMs).toBeLessThan(8_000);
});
