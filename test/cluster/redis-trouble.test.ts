import type { Redis } from "ioredis";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, afterEach, expect, it } from "vitest";
import { Crowd } from "./support/crowd.js";
import { Fleet } from "./support/fleet.js";
import { goOn, settle } from "./support/settle.js";

let fleet: Fleet;
let crowd: Crowd;

beforeAll(async () => {
  fleet = await Fleet.start();
});
afterAll(() => fleet.close());
beforeEach(async () => {
  await fleet.command((client) => client.flushall());
  crowd = await Crowd.enter(100, fleet.urls);
  crowd.roam();
  await goOn(crowd);
});
afterEach(() => crowd.close());

it.each<[string, number, (client: Redis) => Promise<unknown>]>([
  ["its scripts are flushed", 20, (client) => client.function("FLUSH")],
  ["its subscribers are disconnected", 10, (client) => client.call("CLIENT", "KILL", "TYPE", "pubsub")],
  ["all clients are disconnected", 5, (client) => client.call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")],
  ["it pauses for 3 s", 2, (client) => client.call("CLIENT", "PAUSE", 3_000)],
])("loses nothing under load while %s again and again", async (_what, times, disturb) => {
  await fleet.command(async (client) => {
    for (let time = 0; time < times; time++) {
      await disturb(client);
      await sleep(300);
    }
  });
  await goOn(crowd);
  await settle(crowd, fleet);
  // On a busy machine, heartbeats may be so late that clients replace their streams.
  const unchanged = { broken: 0, snapshots: 0, sessions: 1 };
  for (const { count } of crowd.clients) expect(count).toMatchObject(unchanged);
});
