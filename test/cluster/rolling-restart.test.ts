import { expect } from "vitest";
import { it } from "./support/cluster-fixture.js";
import { eventually, settle } from "./support/settle.js";

it("loses no event and ends no match while three instances with 200 clients restart one after another", async ({
  fixture,
}) => {
  const fleet = await fixture.fleet({ variables: { DRAIN_TIMEOUT_MS: "2000" } });
  const loadBalancer = await fixture.loadBalancer(fleet.urls);
  const crowd = await fixture.crowd(200, fleet.urls, [loadBalancer.url]);
  crowd.converse();
  const isTalking = () => crowd.clients.every(({ conversation }) => (conversation?.received.length ?? 0) > 0);
  await eventually("all are talking", isTalking);
  for (const instance of fleet.instances) {
    const { received } = crowd;
    expect(await instance.stop("SIGTERM")).toBe(0);
    await instance.start();
    await eventually("all go on", () => crowd.received > received + 400);
    await eventually("all clients are back", () => crowd.clients.every(({ present }) => present));
  }
  await crowd.rest();
  expect(crowd.partings, "matches that ended").toBe(0);
  for (const { count, conversations } of crowd.clients) {
    expect(count).toMatchObject({ sessions: 1, snapshots: 0 });
    expect(conversations.size).toBe(1);
  }
  await settle(crowd, fleet);
});
