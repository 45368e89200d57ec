import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { Cable } from "./support/cable.js";
import { CallPage } from "./support/call-page.js";
import { launchBrowser } from "./support/chromium.js";
import { ServerProcess } from "./support/server-process.js";

let browser: Browser;
let server: ServerProcess;
let cable: Cable;
let ann: CallPage;
let bob: CallPage;

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

/** Two pages in a call; ann's network can be cut. */
beforeEach(async () => {
  server = await ServerProcess.start({ HEARTBEAT_INTERVAL_MS: "2000" });
  cable = await Cable.to(server.url);
  [ann, bob] = [await CallPage.arrive(browser, cable.url), await CallPage.arrive(browser, server.url)];
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

/** Disconnects the page: the browser is offline, and the server's connections break. */
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
  await bob.untilStatus("Your partner is reconnecting");
  const before = await ann.frames();
  await ann.page.waitForTimeout(10_000);
  expect(await ann.frames()).toBeGreaterThan(before + 25); // of 50 that the camera gives
  await plugIn();
  await bob.untilStatus("Connected");
  await Promise.all([ann.seesPartner(), bob.seesPartner()]);
});

it("delivers missed events to a page that was offline", async () => {
  await unplug();
  await bob.next();
  await bob.until("waiting");
  await plugIn();
  await ann.untilStatus("Your partner moved on.");
  await ann.until("waiting");
});

it("detects a silent network, and reconnects", async () => {
  cable.silence();
  await ann.untilConnection("reconnecting");
  await bob.next();
  cable.mend();
  await ann.untilConnection("online");
  await ann.untilStatus("Your partner moved on.");
});

it("keeps the call while the server restarts, and reconnects", async () => {
  expect(await server.stop()).toBe(0);
  await ann.untilConnection("reconnecting");
  await server.start();
  await Promise.all([ann.untilConnection("online"), bob.untilConnection("online")]);
  await ann.untilStatus("your call continues");
  await Promise.all([ann.seesPartner(), bob.seesPartner()]);
  // The new server has no sessions, so the two may be matched again.
  await ann.next();
  await bob.untilStatus("Say hello!");
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
