import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { launchBrowser, Person } from "./support/person.js";
import { ServerProcess } from "./support/server-process.js";

let browser: Browser;
let server: ServerProcess;
let ann: Person;
let bob: Person;

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

/** Two people in a call who see each other. */
beforeEach(async () => {
  server = await ServerProcess.start({ HEARTBEAT_INTERVAL_MS: "2000" });
  [ann, bob] = [await Person.arrive(browser, server.url), await Person.arrive(browser, server.url)];
  await ann.start();
  await bob.start();
  await Promise.all([ann.seesPartner(), bob.seesPartner()]);
});
afterEach(async () => {
  const errors = [...ann.pageErrors, ...bob.pageErrors];
  await Promise.all([ann.leaveForGood(), bob.leaveForGood()]);
  await server.close();
  expect(errors).toEqual([]);
});

it("keeps the call through ten seconds offline", async () => {
  await ann.context.setOffline(true);
  await ann.untilConnection("reconnecting");
  await bob.untilTold("Your partner is reconnecting");
  const before = await ann.frames();
  await ann.page.waitForTimeout(10_000);
  expect(await ann.frames()).toBeGreaterThan(before + 50);
  await ann.context.setOffline(false);
  await ann.untilConnection("online");
  await bob.untilTold("Connected");
  await Promise.all([ann.seesPartner(), bob.seesPartner()]);
});

it("tells one who was offline what happened meanwhile", async () => {
  await ann.context.setOffline(true);
  await ann.untilConnection("reconnecting");
  await bob.next();
  await bob.until("waiting");
  await ann.context.setOffline(false);
  await ann.untilTold("Your partner moved on.");
  await ann.until("waiting");
});

it("keeps the call while the server restarts, and comes back by itself", async () => {
  expect(await server.stop()).toBe(0);
  await ann.untilConnection("reconnecting");
  await server.start();
  await Promise.all([ann.untilConnection("online"), bob.untilConnection("online")]);
  await ann.untilTold("your call goes on");
  await Promise.all([ann.seesPartner(), bob.seesPartner()]);
  await ann.next();
  await bob.until("waiting");
});

it("keeps the call when the server is killed, and finds new partners once it is back", async () => {
  await server.stop("SIGKILL");
  await bob.untilConnection("reconnecting");
  await Promise.all([ann.seesPartner(), bob.seesPartner()]);
  await server.start();
  await Promise.all([ann.untilConnection("online"), bob.untilConnection("online")]);
  await Promise.all([ann.seesPartner(), bob.seesPartner()]);
});
