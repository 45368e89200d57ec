import { afterEach, beforeEach, expect, it } from "vitest";
import { Crowd } from "./support/crowd.js";
import { Fleet, realmKey } from "./support/fleet.js";
import { eventually, settle } from "./support/settle.js";
import { on } from "../support/redis-cluster.js";

let fleet: Fleet;
let crowd: Crowd;

beforeEach(async () => {
  fleet = await Fleet.startOnCluster({ instances: 2 });
  crowd = await Crowd.enter(80, fleet.urls);
  crowd.roam();
  await eventually("all are talking", () => crowd.partings > 80);
});
afterEach(async () => {
  await crowd.close();
  await fleet.close();
});

/** Waits until all have met somebody again, and checks what must hold. */
async function goOn(): Promise<void> {
  const before = crowd.partings;
  await eventually("all go on", () => crowd.partings > before + 80, 30_000);
  await settle(crowd, fleet);
}

it("goes on when a replica takes over from the primary that was killed", async () => {
  const owner = await fleet.cluster.ownerOf(realmKey);
  await owner.stop("SIGKILL");
  await eventually("a replica took over", () =>
    fleet.cluster.ownerOf(realmKey).then(
      () => true,
      () => false,
    ),
  );
  expect(await fleet.cluster.ownerOf(realmKey)).not.toBe(owner);
  await goOn();
  for (const { count } of crowd.guests) expect(count.sessions).toBe(1);
});

it("gives a new epoch and a snapshot to everybody when the replica had not heard of the last second", async () => {
  const owner = await fleet.cluster.ownerOf(realmKey);
  await on(owner, async (client) => {
    await client.config("SET", "requirepass", "no replica knows"); // those who are in stay in
    await client.call("CLIENT", "KILL", "TYPE", "replica");
  });
  const before = crowd.partings;
  await eventually("much happens unreplicated", () => crowd.partings > before + 80);
  await owner.stop("SIGKILL");
  await eventually("a replica took over", () =>
    fleet.cluster.ownerOf(realmKey).then(
      () => true,
      () => false,
    ),
  );
  await goOn();
  for (const { count } of crowd.guests) expect(count.sessions + count.snapshots).toBeGreaterThan(1);
});
