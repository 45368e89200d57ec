import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Crowd } from "./support/crowd.js";
import { Fleet, realmKey } from "./support/fleet.js";
import { moveSlot } from "./support/move-slot.js";
import { eventually, settle } from "./support/settle.js";

let fleet: Fleet;
let crowd: Crowd;

beforeAll(async () => {
  fleet = await Fleet.startOnCluster({ instances: 2 });
  crowd = await Crowd.enter(60, fleet.urls);
});
afterAll(async () => {
  await crowd.close();
  await fleet.close();
});

it("loses nobody and nothing while its slot moves to another primary, key by key and under load", async () => {
  crowd.roam();
  await eventually("all are talking", () => crowd.partings > 60);
  await moveSlot(fleet.cluster, realmKey, () => sleep(50));
  const before = crowd.partings;
  await eventually("all go on", () => crowd.partings > before + 120);
  await settle(crowd, fleet);
  for (const { count } of crowd.guests) expect(count.sessions).toBe(1);
});
