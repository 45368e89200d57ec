import { rm } from "node:fs/promises";
import type { Browser, BrowserContext } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { makeCertificate } from "../support/certificate.js";
import { BareTabs } from "./support/bare-tabs.js";
import { CallPage } from "./support/call-page.js";
import { launchBrowser } from "./support/chromium.js";
import { ServerProcess } from "./support/server-process.js";

/** How many streams leave a connection for calls. */
const ROOM = 5;

let browser: Browser;
let server: ServerProcess;
let ann: CallPage;
beforeAll(async () => {
  browser = await launchBrowser();
  server = await ServerProcess.start({ MAX_CONNECTIONS_PER_IP: "100" });
});
afterAll(async () => {
  await browser.close();
  await server.close();
});
beforeEach(async () => {
  ann = await CallPage.arrive(browser, server.url);
});
afterEach(() => ann.leaveForGood());

/** The same person at the page in another tab of the same browser. */
async function reach(context: BrowserContext, url: string): Promise<void> {
  const page = await context.newPage();
  await page.goto(url);
  await page.getByTestId("start").waitFor();
}

it("says at once that there are too many tabs, while calls of the others go on, and goes on when one is closed", async () => {
  const tabs = await BareTabs.at(ann.context, server.url);
  const [first, second] = [await tabs.open(), await tabs.open()];
  for (let count = 2; count < ROOM; count++) await tabs.open();
  const streams: string[] = [];
  ann.page.on("request", (request) => request.url().endsWith("/Signal") && streams.push(request.url()));
  await ann.start();
  await ann.untilStatus("Waiting for another tab to close…", 6_000); // a stream that does not open is given up after 8 s
  await ann.at("notice").filter({ hasText: "Too many tabs" }).waitFor();
  expect(streams).toEqual([]);
  await first.evaluate(() => window.bare.client.start());
  await reach(ann.context, server.url); // a page still loads
  await second.close();
  await Promise.any([ann.until("connecting"), ann.until("connected")]); // the first may pass between two looks
  await expect.poll(() => ann.at("notice").count()).toBe(0);
});

it("opens a stream in as many tabs as people like over HTTP/2", async () => {
  const { folder, certFile, keyFile } = await makeCertificate();
  const tls = { TLS_CERT_FILE: certFile, TLS_KEY_FILE: keyFile };
  const secure = await ServerProcess.start({ ...tls, MAX_CONNECTIONS_PER_IP: "100" });
  const url = secure.url.replace("http:", "https:");
  const context = await browser.newContext({ ignoreHTTPSErrors: true });
  const tabs = await BareTabs.at(context, url);
  for (let count = 0; count <= ROOM + 1; count++) await tabs.open();
  await reach(context, url);
  await context.close();
  await secure.close();
  await rm(folder, { recursive: true });
});

it("gives a duplicated tab a session of its own, although the first one is hidden", async () => {
  await ann.startFirst();
  const before = await ann.sessionId();
  await ann.show(false);
  const opened = ann.context.waitForEvent("page");
  await ann.page.evaluate(() => void window.open(location.href)); // copies the storage of the tab
  const duplicate = await opened;
  await duplicate.waitForSelector('html[data-connection="online"]', { state: "attached" });
  expect(await duplicate.evaluate(() => document.documentElement.dataset.phase)).toBe("idle");
  const kept = await duplicate.evaluate(() => JSON.stringify(sessionStorage));
  expect(kept).not.toContain(before);
  expect([await ann.sessionId(), await ann.phase(), await ann.at("notice").count()]).toEqual([before, "waiting", 0]);
});
