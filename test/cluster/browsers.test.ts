import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { CallPage } from "../e2e/support/call-page.js";
import { launchBrowser } from "../e2e/support/chromium.js";
import { Fleet } from "./support/fleet.js";
import { LoadBalancer } from "./support/load-balancer.js";

let browser: Browser;
let fleet: Fleet;
let loadBalancer: LoadBalancer;

beforeAll(async () => {
  browser = await launchBrowser();
  fleet = await Fleet.start({ variables: { HEARTBEAT_INTERVAL_MS: "2000" } });
  loadBalancer = await LoadBalancer.start(fleet.urls);
});
afterAll(async () => {
  await browser.close();
  await loadBalancer.close();
  await fleet.close();
});

it("connects two pages on different instances, which can go on to the next partner", async () => {
  const [ann, bob, cyd] = [
    await CallPage.arrive(browser, fleet.instance(0).url),
    await CallPage.arrive(browser, fleet.instance(1).url),
    await CallPage.arrive(browser, fleet.instance(2).url),
  ];
  await ann.start();
  await bob.start();
  await Promise.all([ann.seesPartner(), bob.seesPartner()]);
  await cyd.startFirst();
  await ann.next();
  await Promise.all([ann.seesPartner(), cyd.seesPartner()]);
  await bob.untilStatus("Your partner moved on.");
  expect([ann, bob, cyd].flatMap(({ pageErrors }) => pageErrors)).toEqual([]);
  await Promise.all([ann, bob, cyd].map((person) => person.leaveForGood()));
});

it("keeps a call of two pages behind a load balancer when an instance is killed", async () => {
  const [ann, bob] = [
    await CallPage.arrive(browser, loadBalancer.url),
    await CallPage.arrive(browser, loadBalancer.url),
  ];
  await ann.start();
  await bob.start();
  await Promise.all([ann.seesPartner(), bob.seesPartner()]);
  await fleet.instance(0).stop("SIGKILL");
  await Promise.all([ann.seesPartner(), bob.seesPartner()]);
  await Promise.all([ann.untilConnection("online"), bob.untilConnection("online")]);
  await fleet.instance(0).start();
  await ann.next();
  await bob.untilStatus("Your partner moved on.");
  await ann.until("waiting");
  expect([...ann.pageErrors, ...bob.pageErrors]).toEqual([]);
  await Promise.all([ann.leaveForGood(), bob.leaveForGood()]);
});
