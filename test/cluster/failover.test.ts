import { afterEach, beforeEach, expect, it } from "vitest";
import { Person, transportTo } from "../support/person.js";
import { on } from "../support/redis-cluster.js";
import type { RedisServer } from "../support/redis.js";
import { readRefusal } from "../support/refusal.js";
import { Crowd } from "./support/crowd.js";
import { Fleet, realmKey } from "./support/fleet.js";
import { eventually, settle } from "./support/settle.js";

let fleet: Fleet;
let crowd: Crowd;
let owner: RedisServer;

beforeEach(async () => {
  fleet = await Fleet.startOnCluster({ instances: 2 });
  owner = await fleet.cluster.ownerOf(realmKey);
  crowd = await Crowd.enter(80, fleet.urls);
  crowd.roam();
  await eventually("all are talking", () => crowd.partings > 80);
});
afterEach(async () => {
  await crowd.close();
  await fleet.close();
});

/** Kills the primary of the realm and waits for its replica. Calls are answered meanwhile, whatever the answer. */
async function failOver(): Promise<void> {
  const person = await Person.open(transportTo(fleet.instance(0).url.replace("localhost", "127.0.0.1")));
  await owner.stop("SIGKILL");
  const took: number[] = [];
  await eventually("a replica took over", async () => {
    const startMs = performance.now();
    await person.leave().catch((error: unknown) => {
      expect(["Unavailable", "Unauthenticated"]).toContain(readRefusal(error).code);
    });
    took.push(performance.now() - startMs);
    return fleet.cluster.ownerOf(realmKey).then(
      (server) => server !== owner,
      () => false,
    );
  });
  expect(Math.max(...took), "the slowest answer, in ms").toBeLessThan(2_500);
  await person.break();
}

/** Waits until all have met somebody again, and checks what must hold. */
async function goOn(): Promise<void> {
  const before = crowd.partings;
  await eventually("all go on", () => crowd.partings > before + 80, 30_000);
  await settle(crowd, fleet);
}

it("goes on when a replica takes over from the primary that was killed", async () => {
  await failOver();
  await goOn();
  for (const { count } of crowd.guests) expect(count.sessions).toBe(1);
});

it("gives a new epoch and a snapshot to everybody when the replica had not heard of the last second", async () => {
  await on(owner, async (client) => {
    await client.config("SET", "requirepass", "no replica knows"); // those who are in stay in
    await client.call("CLIENT", "KILL", "TYPE", "replica");
  });
  const before = crowd.partings;
  await eventually("much happens unreplicated", () => crowd.partings > before + 80);
  await failOver();
  await goOn();
  for (const { count } of crowd.guests) expect(count.sessions + count.snapshots).toBeGreaterThan(1);
});
