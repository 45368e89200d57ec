import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { roomy } from "../support/pair.js";
import { violationsOn } from "./support/axe.js";
import { CallPage } from "./support/call-page.js";
import { launchBrowser } from "./support/chromium.js";
import { ServerProcess } from "./support/server-process.js";

let browser: Browser;
let server: ServerProcess;
let people: CallPage[] = [];
beforeAll(async () => {
  browser = await launchBrowser();
  server = await ServerProcess.start({ ...roomy, CONNECTION_TIMEOUT_MS: "300000" });
});
afterAll(async () => {
  await browser.close();
  await server.close();
});
afterEach(async () => {
  await Promise.all(people.map((person) => person.leaveForGood()));
  people = [];
});

async function arrive(colorScheme: "light" | "dark"): Promise<CallPage> {
  const person = await CallPage.arrive(browser, server.url);
  people.push(person);
  await person.page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
  return person;
}

describe.each(["light", "dark"] as const)("in %s colors, axe finds nothing", (colors) => {
  let ann: CallPage;
  beforeEach(async () => {
    ann = await arrive(colors);
    await ann.at("start").waitFor();
  });

  it("before a call, on a wide page and on a phone with its panel", async () => {
    expect(await violationsOn(ann)).toEqual([]);
    await ann.page.setViewportSize({ width: 390, height: 844 });
    expect(await violationsOn(ann)).toEqual([]);
    await ann.at("choice").click();
    await ann.at("interests-input").fill("jazz,");
    expect(await violationsOn(ann)).toEqual([]);
  });

  it("in the settings", async () => {
    await ann.at("settings").click();
    await ann.page.locator("dialog[open]").waitFor();
    expect(await violationsOn(ann)).toEqual([]);
  });

  it("while looking, in a call with its chat, in the reports and the tips, and when the server is away", async () => {
    await ann.startFirst();
    expect(await violationsOn(ann)).toEqual([]);
    const bob = await arrive(colors);
    await bob.start();
    await ann.seesPartner();
    await ann.at("chat-input").fill("Hello");
    await ann.page.keyboard.press("Enter");
    await bob.at("chat-input").fill("Hello, too");
    await bob.page.keyboard.press("Enter");
    await ann.at("chat-log").getByText("Hello, too").waitFor();
    expect(await violationsOn(ann)).toEqual([]);
    await bob.page.setViewportSize({ width: 390, height: 844 });
    expect(await violationsOn(bob)).toEqual([]);
    for (const dialog of ["report", "tip"]) {
      if (!(await ann.at(dialog).isVisible())) continue;
      await ann.at(dialog).click();
      await ann.page.locator("dialog[open]").waitFor();
      expect(await violationsOn(ann), dialog).toEqual([]);
      await ann.page.keyboard.press("Escape");
    }
    await ann.context.setOffline(true);
    await ann.stop();
    expect(await violationsOn(ann)).toEqual([]);
  });
});
