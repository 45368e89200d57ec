import { type Browser, chromium } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { pair, roomy } from "../support/pair.js";
import { transportTo } from "../support/person.js";
import { startServer, type TestServer } from "../support/server.js";

let browser: Browser;
let server: TestServer;
beforeAll(async () => {
  const quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync"];
  browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", ...quiet] });
  server = await startServer({ ...roomy, DRAIN_TIMEOUT_MS: "60000" });
});
afterAll(async () => {
  await browser.close();
  await server.close();
});

it("shows the figures on one screen, keeps them fresh, and says when the instance drains", async () => {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  const complaints: string[] = [];
  page.on("console", (message) => complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(String(error)));
  await page.goto(server.internalUrl);
  const shown = (selector: string, text: string) =>
    page.waitForFunction(
      ([where, what]) => document.querySelector(where ?? "")?.textContent === what,
      [selector, text] as const,
      { timeout: 20_000 },
    );
  const { offerer, answerer } = await pair(transportTo(server.url));
  await shown("#state", "Ready");
  await shown('[data-figure="streamCount"]', "2");
  await shown('[data-figure="matchCount"]', "1");
  await shown('[data-time="timeToMatch.count"]', "2");
  await offerer.leave();
  await shown('[data-list="ends"]', "left1partner left1");
  await page.click('[data-scope="SCOPE_NODE"]');
  await shown('[data-figure="matchCount"]', "0");
  const size = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.scrollHeight]);
  expect(size).toEqual([1440, 900]);
  await page.setViewportSize({ width: 390, height: 844 });
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);

  const closing = server.close();
  await shown("#state", "Takes no new streams");
  await Promise.all([offerer.break(), answerer.break()]);
  await closing;
  await shown("#state", "No figures: this instance or the store is away");
  expect(complaints.filter((text) => !text.includes("net::ERR_"))).toEqual([]);
  await page.close();
});
