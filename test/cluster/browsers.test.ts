import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { launchBrowser, Person } from "../e2e/support/person.js";
import { Fleet } from "./support/fleet.js";
import { Front } from "./support/front.js";

let browser: Browser;
let fleet: Fleet;
let front: Front;

beforeAll(async () => {
  browser = await launchBrowser();
  fleet = await Fleet.start({ variables: { HEARTBEAT_INTERVAL_MS: "2000" } });
  front = await Front.start(fleet.urls);
});
afterAll(async () => {
  await browser.close();
  await front.close();
  await fleet.close();
});

it("connects two pages of different instances, who see each other and go on to the next", async () => {
  const [ann, bob, cyd] = [
    await Person.arrive(browser, fleet.instance(0).url),
    await Person.arrive(browser, fleet.instance(1).url),
    await Person.arrive(browser, fleet.instance(2).url),
  ];
  await ann.start();
  await bob.start();
  await Promise.all([ann.seesPartner(), bob.seesPartner()]);
  await cyd.start();
  await cyd.until("waiting");
  await ann.next();
  await Promise.all([ann.seesPartner(), cyd.seesPartner()]);
  await bob.untilTold("Your partner moved on.");
  expect([ann, bob, cyd].flatMap(({ pageErrors }) => pageErrors)).toEqual([]);
  await Promise.all([ann, bob, cyd].map((person) => person.leaveForGood()));
});

it("keeps a call whose pages are behind one load balancer while an instance is killed", async () => {
  const [ann, bob] = [await Person.arrive(browser, front.url), await Person.arrive(browser, front.url)];
  await ann.start();
  await bob.start();
  await Promise.all([ann.seesPartner(), bob.seesPartner()]);
  await fleet.instance(0).stop("SIGKILL");
  await Promise.all([ann.seesPartner(), bob.seesPartner()]);
  await Promise.all([ann.untilConnection("online"), bob.untilConnection("online")]);
  await fleet.instance(0).start();
  await ann.next();
  await bob.untilTold("Your partner moved on.");
  await ann.until("waiting");
  expect([...ann.pageErrors, ...bob.pageErrors]).toEqual([]);
  await Promise.all([ann.leaveForGood(), bob.leaveForGood()]);
});
