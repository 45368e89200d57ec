import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { CallPage } from "./support/call-page.js";
import { launchBrowser } from "./support/chromium.js";
import { ServerProcess } from "./support/server-process.js";

/** The file with the code for tips, and what a second attempt asks for. */
const CODE = /\/assets\/tipping-[^/]+\.js(\?.*)?$/;

let browser: Browser;
let server: ServerProcess;
beforeAll(async () => {
  browser = await launchBrowser();
  server = await ServerProcess.start({ LIGHTNING_NETWORK: "regtest" });
});
afterAll(async () => {
  await browser.close();
  await server.close();
});

it("loads the code for tips with the first tip, and at the next use if that fails", async () => {
  const [payer, payee] = [await CallPage.arrive(browser, server.url), await CallPage.arrive(browser, server.url)];
  const requested: string[] = [];
  for (const { page } of [payer, payee]) {
    page.on("request", (request) => CODE.test(request.url()) && requested.push(request.url()));
    await page.route(CODE, (route) => route.abort("connectionfailed"));
  }
  await payer.start();
  await payee.start();
  await Promise.all([payer.until("connected"), payee.until("connected")]);
  expect(requested).toEqual([]);

  await payer.at("tip").click();
  await payer.at("tip-21").click();
  await payer.at("tip-send").click();
  await payer.at("tip-dialog").filter({ hasText: "It could not be loaded" }).waitFor();
  await payer.page.unroute(CODE);
  await payer.at("tip-send").click();
  await payee.page.getByText("A part of this page is missing").waitFor();
  await payee.page.unroute(CODE);

  await payer.at("tip").click();
  await payer.at("tip-100").click();
  await payer.at("tip-send").click();
  await payee.at("tip-answer").filter({ hasText: "21 sats" }).waitFor();
  await payee.at("tip-decline").click();
  await payee.at("tip-answer").filter({ hasText: "100 sats" }).waitFor();
  expect([...payer.pageErrors, ...payee.pageErrors]).toEqual([]);
  await Promise.all([payer.leaveForGood(), payee.leaveForGood()]);
});

it("shows each line in its own direction, and sends none that cannot be seen", async () => {
  const [one, other] = [await CallPage.arrive(browser, server.url), await CallPage.arrive(browser, server.url)];
  await one.start();
  await other.start();
  await Promise.all([one.until("connected"), other.until("connected")]);
  await one.at("chat-input").fill("\u200b\u2060");
  await expect.poll(() => one.at("chat-send").isDisabled()).toBe(true);
  for (const text of ["שלום!", "hello!"]) {
    await one.at("chat-input").fill(text);
    await one.at("chat-input").press("Enter");
  }
  await other.at("chat-log").getByText("hello!").waitFor();
  const directions = await other
    .at("chat-log")
    .locator(".line-text")
    .evaluateAll((lines) => lines.map((line) => getComputedStyle(line).direction));
  expect(directions).toEqual(["rtl", "ltr"]);
  await Promise.all([one.leaveForGood(), other.leaveForGood()]);
});
