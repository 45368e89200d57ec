import { expect } from "vitest";
import { it } from "./support/scene.js";
import { eventually, LONG_PATIENCE_MS, settle } from "./support/settle.js";

it("loses no event and ends no match while three instances restart one after another under 200 people", async ({
  scene,
}) => {
  const fleet = await scene.fleet({ variables: { DRAIN_TIMEOUT_MS: "2000" } });
  const front = await scene.front(fleet.urls);
  const crowd = await scene.crowd(200, fleet.urls, [front.url]);
  crowd.converse();
  const isTalking = () => crowd.guests.every(({ talk }) => (talk?.received.length ?? 0) > 0);
  await eventually("all are talking", isTalking, LONG_PATIENCE_MS);
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
