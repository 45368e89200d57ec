import { afterEach, beforeEach, expect, it } from "vitest";
import { Crowd } from "./support/crowd.js";
import { Fleet } from "./support/fleet.js";
import { eventually, settle } from "./support/settle.js";

let fleet: Fleet;
let crowd: Crowd;

beforeEach(async () => {
  fleet = await Fleet.start();
});
afterEach(async () => {
  await crowd.close();
  await fleet.close();
});

it("loses nothing when an instance of three is killed under load: its people resume elsewhere and are paired once", async () => {
  crowd = await Crowd.enter(150, fleet.urls);
  crowd.roam();
  await eventually("all are talking", () => crowd.partings > 150);
  const { url } = fleet.instance(0);
  const victims = crowd.guests.filter(({ homeUrl }) => homeUrl === url);
  expect(victims.length).toBeGreaterThan(30);
  const before = crowd.partings;
  await fleet.instance(0).stop("SIGKILL");
  const killedMs = performance.now();
  await eventually("all are back", () => victims.every(({ present, homeUrl }) => present && homeUrl !== url), 15_000);
  expect(performance.now() - killedMs).toBeLessThan(15_000);
  await eventually("all go on", () => crowd.partings > before + 150, 30_000);
  await settle(crowd, fleet);
  expect(crowd.guests.filter(({ count }) => count.sessions !== 1 || count.snapshots > 0)).toEqual([]);
});

it("pairs those who waited on a killed instance, with each other, within 15 seconds", async () => {
  crowd = await Crowd.enter(2, [fleet.instance(0).url, fleet.instance(1).url], fleet.urls.slice(1));
  const [ann, bob] = [crowd.guest(0), crowd.guest(1)];
  await ann.match();
  await ann.until("a place in the queue", () => ann.state === "waiting");
  await fleet.instance(0).stop("SIGKILL");
  const killedMs = performance.now();
  await bob.match();
  await ann.until("a match", () => ann.matchId !== undefined);
  await bob.until("a match", () => bob.matchId !== undefined);
  expect(performance.now() - killedMs).toBeLessThan(15_000);
  expect(ann.matchId).toBe(bob.matchId);
  await settle(crowd, fleet);
});

it("tells a partner within 15 seconds that somebody on a killed instance is away", async () => {
  crowd = await Crowd.enter(2, fleet.urls);
  const [ann, bob] = [crowd.guest(0), crowd.guest(1)];
  await Promise.all([ann.match(), bob.match()]);
  await ann.until("a match", () => ann.matchId !== undefined);
  fleet.instance(0).signal("SIGSTOP"); // it does not see ann go
  await ann.close();
  await fleet.instance(0).stop("SIGKILL");
  const away = () => bob.seen.includes("partnerAway");
  await bob.until("word of it", away, 15_000);
});
