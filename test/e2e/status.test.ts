import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { pair, roomy } from "../support/pair.js";
import { transportTo } from "../support/test-client.js";
import { launchChromium } from "./support/chromium.js";
import { freePort } from "../support/ports.js";
import { ServerProcess } from "./support/server-process.js";
import { PATIENCE_MS } from "../support/patience.js";

let browser: Browser;
let server: ServerProcess;
let internalUrl: string;
beforeAll(async () => {
  browser = await launchChromium();
  const internalPort = String(await freePort());
  internalUrl = `http://localhost:${internalPort}`;
  server = await ServerProcess.start({ ...roomy, INTERNAL_PORT: internalPort, DRAIN_TIMEOUT_MS: "60000" });
});
afterAll(async () => {
  await browser.close();
  await server.close();
});

it("shows the statistics, updates them, and shows when the instance drains", async () => {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  const complaints: string[] = []; // includes those of the Content Security Policy
  page.on("console", (message) => complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(String(error)));
  const requested: string[] = [];
  page.on("request", (request) => requested.push(new URL(request.url()).origin));
  await page.goto(internalUrl);
  expect(await page.title()).toBe("Satoshigle status");
  const shown = (selector: string, text: string) =>
    page.waitForFunction(
      ([where, what]) => document.querySelector(where)?.textContent === what,
      [selector, text] as const,
      { timeout: PATIENCE_MS },
    );
  const { offerer, answerer } = await pair(transportTo(server.url));
  await shown(".state", "Ready");
  await shown('[data-figure="streamCount"]', "2");
  await shown('[data-figure="matchCount"]', "1");
  await shown('[data-count="timeToMatch"]', "2");
  await offerer.leave();
  await shown('[data-list="ends"]', "left1partner left1");
  await page.click('[data-scope="instance"]');
  await shown('[data-figure="matchCount"]', "0");
  const size = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.scrollHeight]);
  expect(size).toEqual([1440, 900]);
  await page.setViewportSize({ width: 390, height: 844 });
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);

  const stopping = server.stop();
  await shown(".state", "Not accepting new streams");
  await Promise.all([offerer.break(), answerer.break()]);
  expect(await stopping).toBe(0);
  await shown(".state", "No data: this instance or the store is unreachable");
  expect(complaints.filter((text) => !text.includes("net::ERR_"))).toEqual([]);
  expect(new Set(requested)).toEqual(new Set([internalUrl]));
  await page.close();
});
