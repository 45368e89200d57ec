import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { Cable } from "./support/cable.js";
import { launchBrowser, Person } from "./support/person.js";
import { ServerProcess } from "./support/server-process.js";

let browser: Browser;
let server: ServerProcess;
let cable: Cable;
let ann: Person;
let bob: Person;

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

/** Two people in a call who see each other; ann's network can be cut. */
beforeEach(async () => {
  server = await ServerProcess.start({ HEARTBEAT_INTERVAL_MS: "2000" });
  cable = await Cable.to(server.url);
  [ann, bob] = [await Person.arrive(browser, cable.url), await Person.arrive(browser, server.url)];
  await ann.start();
  await bob.start();
  await Promise.all([ann.seesPartner(), bob.seesPartner()]);
});
afterEach(async () => {
  const errors = [...ann.pageErrors, ...bob.pageErrors];
  await Promise.all([ann.leaveForGood(), bob.leaveForGood()]);
  cable.close();
  await server.close();
  expect(errors).toEqual([]);
});

/** Pulls the plug: the browser knows that it is offline, and the server sees the connections break. */
async function unplug(): Promise<void> {
  await ann.context.setOffline(true);
  cable.cut();
  await ann.untilConnection("reconnecting");
}

async function plugIn(): Promise<void> {
  cable.mend();
  await ann.context.setOffline(false);
  await ann.untilConnection("online");
}

it("keeps the call through ten seconds offline", async () => {
  await unplug();
  await bob.untilTold("Your partner is reconnecting");
  const before = await ann.frames();
  await ann.page.waitForTimeout(10_000);
  expect(await ann.frames()).toBeGreaterThan(before + 50);
  await plugIn();
  await bob.untilTold("Connected");
  await Promise.all([ann.seesPartner(), bob.seesPartner()]);
});

it("tells one who was offline what happened meanwhile", async () => {
  await unplug();
  await bob.next();
  await bob.until("waiting");
  await plugIn();
  await ann.untilTold("Your partner moved on.");
  await ann.until("waiting");
});

it("notices a network that went silent, and comes back by itself", async () => {
  cable.silence();
  await ann.untilConnection("reconnecting");
  await bob.next();
  cable.mend();
  await ann.untilConnection("online");
  await ann.untilTold("Your partner moved on.");
});

it("keeps the call while the server restarts, and comes back by itself", async () => {
  expect(await server.stop()).toBe(0);
  await ann.untilConnection("reconnecting");
  await server.start();
  await Promise.all([ann.untilConnection("online"), bob.untilConnection("online")]);
  await ann.untilTold("your call continues");
  await Promise.all([ann.seesPartner(), bob.seesPartner()]);
  // The new server knows nobody: the two are free to meet again.
  await ann.next();
  await bob.untilTold("Say hello!");
  await Promise.all([ann.seesPartner(), bob.seesPartner()]);
});

it("keeps the call when the server is killed, and finds new partners once it is back", async () => {
  await server.stop("SIGKILL");
  await bob.untilConnection("reconnecting");
  await Promise.all([ann.seesPartner(), bob.seesPartner()]);
  await server.start();
  await Promise.all([ann.untilConnection("online"), bob.untilConnection("online")]);
  await Promise.all([ann.seesPartner(), bob.seesPartner()]);
});
