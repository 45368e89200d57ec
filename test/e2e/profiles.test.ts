import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { appSecret, identityToken } from "../support/app-keys.js";
import { TestClient, transportTo } from "../support/test-client.js";
import { violationsOn } from "./support/axe.js";
import { CallPage } from "./support/call-page.js";
import { launchBrowser } from "./support/chromium.js";
import { ServerProcess } from "./support/server-process.js";

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

let server: ServerProcess;
afterEach(() => server.close());

it("shows a partner's name and badges as text, and no picture", async () => {
  server = await ServerProcess.start({ IDENTITY_SECRET: appSecret });
  const person = await CallPage.arrive(browser, server.url);
  const asked: string[] = [];
  person.page.on("request", (request) => asked.push(request.url()));
  await person.startFirst();
  const profile = {
    name: '<img src="x" onerror="window.isHarmed = true">',
    picture_url: "https://pictures.example/ann.png",
    badges: ["<b>verified</b>", "\u202ereversed"],
  };
  const partner = await TestClient.open(transportTo(server.url), {
    identityToken: await identityToken({ sub: "ann", profile }),
  });
  await partner.match({});
  const shown = person.at("profile");
  await shown.waitFor();
  expect(await shown.locator("p").textContent()).toBe(profile.name);
  expect(await shown.locator("li").allTextContents()).toEqual(profile.badges);
  expect(await shown.locator("img, b").count()).toBe(0);
  expect(await shown.getAttribute("aria-label")).toBe("About your partner");
  expect(await violationsOn(person)).toEqual([]);
  expect(asked.filter((url) => url.includes("pictures.example"))).toEqual([]);
  expect(await person.page.evaluate(() => "isHarmed" in window)).toBe(false);

  await partner.leave();
  await shown.waitFor({ state: "detached" });
  await person.leaveForGood();
});

it("says that people have to sign in", async () => {
  server = await ServerProcess.start({ IDENTITY_SECRET: appSecret, IDENTITY_REQUIRED: "true" });
  const person = await CallPage.arrive(browser, server.url, {}, "de-DE");
  await person.start();
  await person.at("notice").getByText("Bitte zuerst anmelden").waitFor();
  await person.untilConnection("closed");
  await person.leaveForGood();
});
