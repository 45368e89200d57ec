import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { roomy } from "../support/pair.js";
import { overlaps } from "./support/layout.js";
import { CallPage } from "./support/call-page.js";
import { launchBrowser } from "./support/chromium.js";
import { EvidenceServer } from "./support/evidence-server.js";

/** What a zoom of 100, 200 and 400 % leaves of common screens, and phones, in CSS pixels. */
const SIZES = [
  [1440, 900],
  [1280, 720],
  [720, 450],
  [640, 360],
  [683, 384],
  [640, 512],
  [960, 540],
  [320, 256],
  [360, 225],
  [480, 270],
  [390, 844],
  [844, 390],
  [320, 568],
] as const;

let browser: Browser;
let server: EvidenceServer;
let people: CallPage[] = [];
beforeAll(async () => {
  browser = await launchBrowser();
  server = await EvidenceServer.start({ ...roomy, CONNECTION_TIMEOUT_MS: "300000" }); // with a note about it
});
afterAll(async () => {
  await browser.close();
  await server.process.close();
});
afterEach(async () => {
  await Promise.all(people.map((person) => person.leaveForGood()));
  people = [];
});

async function arrive(): Promise<CallPage> {
  const person = await CallPage.arrive(browser, server.process.url);
  people.push(person);
  await person.page.emulateMedia({ reducedMotion: "reduce" });
  return person;
}

/** What covers what at each size. The last line of the text can be scrolled into view at all of them. */
async function coveredAtEachSize({ page }: CallPage): Promise<Record<string, string[]>> {
  const covered: Record<string, string[]> = {};
  for (const [width, height] of SIZES) {
    await page.setViewportSize({ width, height });
    await page.waitForTimeout(700); // the circles take as long to move
    const found = await overlaps(page);
    const last = page.locator(".captions > :last-child");
    await last.scrollIntoViewIfNeeded();
    found.push(...(await overlaps(page)));
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    if (wide > width) found.push(`the page is ${String(wide)} pixels wide`);
    if (found.length > 0) covered[`${String(width)}×${String(height)}`] = found;
  }
  return covered;
}

it("covers no text with a control before a call, at any zoom", async () => {
  const ann = await arrive();
  await ann.at("start").waitFor();
  expect(await coveredAtEachSize(ann)).toEqual({});
});

it("covers no text with a control while looking and afterwards, at any zoom", async () => {
  const ann = await arrive();
  await ann.startFirst();
  await ann.at("evidence-note").waitFor();
  expect(await coveredAtEachSize(ann)).toEqual({});
  await ann.stop();
  await ann.until("idle");
  expect(await coveredAtEachSize(ann)).toEqual({});
});

it("covers no text with a control in a call, at any zoom", async () => {
  const [ann, bob] = [await arrive(), await arrive()];
  await ann.startFirst();
  await bob.start();
  await ann.seesPartner();
  expect(await coveredAtEachSize(ann)).toEqual({});
});
