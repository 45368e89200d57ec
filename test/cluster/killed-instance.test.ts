import { describe, expect } from "vitest";
import { it } from "./support/cluster-fixture.js";
import { eventually, goOn, settle } from "./support/settle.js";

/** Twice the time that a lease takes to end, as a busy machine is late, and half of the resume window. */
const PATIENCE_MS = 30_000;

it("loses no event when one of three instances is killed under load: its clients resume elsewhere and are paired once", async ({
  fixture,
}) => {
  const fleet = await fixture.fleet();
  const crowd = await fixture.crowd(150, fleet.urls);
  crowd.roam();
  await goOn(crowd);
  const { url } = fleet.instance(0);
  const victims = crowd.clients.filter(({ homeUrl }) => homeUrl === url);
  expect(victims.length).toBeGreaterThan(30);
  await fleet.instance(0).stop("SIGKILL");
  const areBack = () => victims.every(({ present, homeUrl }) => present && homeUrl !== url);
  await eventually("all clients are back", areBack, PATIENCE_MS);
  await goOn(crowd);
  await settle(crowd, fleet);
  expect(crowd.clients.filter(({ count }) => count.sessions !== 1 || count.snapshots > 0)).toEqual([]);
});

describe.concurrent("soon after the end of an instance, another", () => {
  it("pairs the sessions that waited on it", async ({ fixture }) => {
    const fleet = await fixture.fleet();
    const crowd = await fixture.crowd(2, [fleet.instance(0).url, fleet.instance(1).url], fleet.urls.slice(1));
    const [ann, bob] = [crowd.client(0), crowd.client(1)];
    await ann.match();
    await ann.until("a place in the queue", () => ann.state === "waiting");
    await fleet.instance(0).stop("SIGKILL");
    const killedMs = performance.now();
    await bob.match();
    await ann.until("a match", () => ann.matchId !== undefined);
    await bob.until("a match", () => bob.matchId !== undefined);
    expect(performance.now() - killedMs).toBeLessThan(PATIENCE_MS);
    expect(ann.matchId).toBe(bob.matchId);
    await settle(crowd, fleet);
  });

  it("notifies the partners of its sessions that they are away", async ({ fixture }) => {
    const fleet = await fixture.fleet();
    const crowd = await fixture.crowd(2, fleet.urls);
    const [ann, bob] = [crowd.client(0), crowd.client(1)];
    await Promise.all([ann.match(), bob.match()]);
    await ann.until("a match", () => ann.matchId !== undefined);
    fleet.instance(0).signal("SIGSTOP"); // it does not notice that ann disconnects
    await ann.close();
    await fleet.instance(0).stop("SIGKILL");
    const away = () => bob.seen.includes("partnerAway");
    await bob.until("word of it", away, PATIENCE_MS);
  });
});
