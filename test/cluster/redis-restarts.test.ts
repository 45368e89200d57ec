import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, it } from "vitest";
import { Person, transportTo } from "../support/person.js";
import { refusalOf } from "../support/refusal.js";
import { Crowd } from "./support/crowd.js";
import { Fleet } from "./support/fleet.js";
import { eventually, settle } from "./support/settle.js";

/** Longer than the lease of an instance. */
const AWAY_MS = 12_000;

let fleet: Fleet;
let crowd: Crowd | undefined;

afterEach(async () => {
  await crowd?.close();
  crowd = undefined;
  await fleet.close();
});

it("keeps its streams open while Redis is away, answers calls within 1.5 s, and takes nobody's session", async () => {
  fleet = await Fleet.start({ instances: 2, redisFlags: ["--appendonly", "yes", "--appendfsync", "always"] });
  const people = (crowd = await Crowd.enter(60, fleet.urls));
  const { guests } = people;
  const person = await Person.open(transportTo(fleet.instance(0).url.replace("localhost", "127.0.0.1")));
  people.roam();
  await eventually("all are talking", () => people.partings > 60);
  await fleet.redis.stop();
  const heartbeats = guests.map(({ count }) => count.heartbeats);
  const endMs = performance.now() + AWAY_MS;
  let calls = 0;
  while (performance.now() < endMs) {
    const startMs = performance.now();
    const refusals = await Promise.all([person.match(), person.leave(), Person.open(person.transport)].map(refusalOf));
    const unavailable = { code: "Unavailable", reason: "STORE_AWAY", retryMs: expect.any(Number) as number };
    for (const refusal of refusals) expect(refusal).toMatchObject(unavailable);
    expect(performance.now() - startMs).toBeLessThan(1_500);
    calls++;
    await sleep(100);
  }
  expect(calls).toBeGreaterThan(8);
  for (const [index, { count }] of guests.entries()) {
    expect(count.heartbeats).toBeGreaterThan((heartbeats[index] ?? 0) + 5);
  }
  await fleet.redis.start();
  const before = people.partings;
  await eventually("all go on", () => people.partings > before + 60);
  await person.leave();
  await person.break();
  await settle(people, fleet);
  const once = { sessions: 1, streams: 2, snapshots: 1 }; // a Redis that started again may have forgotten something
  for (const { count } of guests) expect(count).toMatchObject(once);
  for (const { output } of fleet.instances) expect(output.split("\n").length).toBeLessThan(30);
});

it("gives everybody a new session when Redis comes back empty, and they are paired again", async () => {
  fleet = await Fleet.start({ instances: 2 });
  const people = (crowd = await Crowd.enter(60, fleet.urls));
  const { guests } = people;
  const person = await Person.open(transportTo(fleet.instance(0).url.replace("localhost", "127.0.0.1")));
  people.roam();
  await eventually("all are talking", () => people.partings > 60);
  await fleet.redis.stop();
  await sleep(1_000);
  await fleet.redis.start();
  await eventually("all have a new session", () => guests.every(({ count }) => count.sessions === 2));
  expect((await person.rest()).at(-1)).toMatchObject({ case: "sessionClosed", value: { comeBack: true } });
  expect(await refusalOf(Person.open(person.transport, person.resume))).toMatchObject({ reason: "SESSION_UNKNOWN" });
  const before = people.partings;
  await eventually("all go on", () => people.partings > before + 60);
  await settle(people, fleet);
  expect(guests.filter(({ count }) => count.sessions !== 2)).toEqual([]);
});

it("stops when it is told to, though Redis is away", async () => {
  fleet = await Fleet.start({ instances: 1 });
  const people = (crowd = await Crowd.enter(10, fleet.urls));
  await people.guest(0).match();
  await fleet.redis.stop();
  const startMs = performance.now();
  expect(await fleet.instance(0).stop("SIGTERM")).toBe(0);
  expect(performance.now() - startMs).toBeLessThan(8_000);
});
