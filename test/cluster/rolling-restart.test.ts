import { afterEach, expect, it } from "vitest";
import { Crowd } from "./support/crowd.js";
import { Fleet } from "./support/fleet.js";
import { Front } from "./support/front.js";
import { eventually, settle } from "./support/settle.js";

let fleet: Fleet;
let front: Front;
let crowd: Crowd;

afterEach(async () => {
  await crowd.close();
  await front.close();
  await fleet.close();
});

it("loses no event and ends no match while three instances restart one after another under 200 people", async () => {
  fleet = await Fleet.start({ variables: { DRAIN_TIMEOUT_MS: "2000" } });
  front = await Front.start(fleet.urls);
  crowd = await Crowd.enter(200, fleet.urls, [front.url]);
  crowd.converse();
  await eventually("all are talking", () => crowd.guests.every(({ talk }) => (talk?.received.length ?? 0) > 0));
  for (const instance of fleet.instances) {
    const { received } = crowd;
    expect(await instance.stop("SIGTERM")).toBe(0);
    await instance.start();
    await eventually("all go on", () => crowd.received > received + 400);
    await eventually("all are back", () => crowd.guests.every(({ present }) => present));
  }
  await crowd.rest();
  expect(crowd.partings, "matches that ended").toBe(0);
  for (const { count, talks } of crowd.guests) {
    expect(count).toMatchObject({ sessions: 1, snapshots: 0 });
    expect(talks.size).toBe(1);
  }
  await settle(crowd, fleet);
});
