import { type Client, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { AppealOutcome } from "../../gen/satoshigle/internal/v1/appeal_pb.js";
import { ModerationService } from "../../gen/satoshigle/internal/v1/moderation_pb.js";
import { deviceKeys } from "../../src/core/session-key.js";
import { roomy } from "../support/pair.js";
import { freePort } from "../support/ports.js";
import { violationsOn } from "./support/axe.js";
import { CallPage } from "./support/call-page.js";
import { launchBrowser } from "./support/chromium.js";
import { ServerProcess } from "./support/server-process.js";

const SECRET = "s".repeat(32);
const byEve = { headers: { "x-satoshigle-moderator": "eve" } };
const STATEMENT = "You advertised <img src=x onerror=alert(1)> here.";
const PLEA = "It was <img src=x onerror=alert(2)> my brother.";
const ANSWER = "We saw <img src=x onerror=alert(3)> it ourselves.";

let browser: Browser;
let server: ServerProcess;
let desk: Client<typeof ModerationService>;
beforeAll(async () => {
  const internalPort = String(await freePort());
  browser = await launchBrowser();
  server = await ServerProcess.start({ ...roomy, INTERNAL_PORT: internalPort, SESSION_SECRET: SECRET });
  desk = createClient(ModerationService, createGrpcTransport({ baseUrl: `http://127.0.0.1:${internalPort}` }));
});
afterAll(async () => {
  await Promise.all([browser.close(), server.close()]);
});

/** Two people in a call. */
async function meet(): Promise<[CallPage, CallPage]> {
  const [ann, bob] = [await CallPage.arrive(browser, server.url), await CallPage.arrive(browser, server.url)];
  await ann.startFirst();
  await bob.start();
  await Promise.all([ann.seesPartner(), bob.seesPartner()]);
  return [ann, bob];
}

/** A moderator bans the browser of a page. */
async function ban(person: CallPage, statement: string): Promise<void> {
  const kept = await person.page.evaluate(() => localStorage.getItem("satoshigle.device") ?? "");
  const addressKey = deviceKeys(SECRET)(kept);
  await desk.ban({ addressKey, reason: "secret notes", statement, duration: { seconds: 86_400n } }, byEve);
}

/** Waits for words that must not become elements, and returns them. */
async function wordsAt(person: CallPage, testId: string): Promise<string | null> {
  await person.at(testId).waitFor();
  expect(await person.page.locator("img").count()).toBe(0);
  return person.at(testId).textContent();
}

const openAppeals = async () => (await desk.listAppeals({})).bans;

/** A moderator decides the only open appeal. */
async function decide(outcome: AppealOutcome, answer = ""): Promise<void> {
  const bans = await openAppeals();
  expect(bans).toHaveLength(1);
  await desk.resolveAppeal({ banId: bans[0]?.banId ?? "", outcome, answer }, byEve);
}

it("a banned person reads why, appeals by keyboard, and reads the answer in later visits", async () => {
  const [ann, bob] = await meet();
  await ban(ann, STATEMENT);
  expect(await wordsAt(ann, "ban-reason")).toBe(STATEMENT);
  const notice = ann.at("notice");
  expect(await notice.textContent()).toMatch(/This browser is banned\. The ban ends on \w+ \d+, \d{4}/);
  expect(await notice.textContent()).not.toContain("secret notes");
  expect(await violationsOn(ann)).toEqual([]);

  const { keyboard } = ann.page;
  await ann.at("appeal").focus();
  await keyboard.press("Enter");
  await ann.at("appeal-text").waitFor();
  expect(await ann.at("appeal-send").isDisabled()).toBe(true);
  expect(await ann.at("appeal-left").textContent()).toBe("1,000 characters left");
  await ann.at("appeal-text").focus();
  await keyboard.insertText(PLEA);
  expect(await ann.at("appeal-left").textContent()).toBe(`${String(1_000 - PLEA.length)} characters left`);
  expect(await violationsOn(ann)).toEqual([]);
  await keyboard.press("Tab");
  await keyboard.press("Enter");
  expect(await wordsAt(ann, "appeal-sent")).toContain("Moderators will look at it");
  await ann.page.waitForFunction(() => document.activeElement?.getAttribute("data-testid") === "appeal-done");
  await keyboard.press("Enter");
  await ann.page.waitForFunction(() => document.activeElement?.getAttribute("data-testid") === "appeal-open");
  expect(await ann.at("appeal").count()).toBe(0);
  expect((await openAppeals()).map(({ appeal }) => appeal?.text)).toEqual([PLEA]);

  await ann.page.reload();
  expect(await wordsAt(ann, "appeal-open")).toContain("An appeal against this ban was sent.");
  expect(await ann.at("appeal").count()).toBe(0);

  await decide(AppealOutcome.UPHELD, ANSWER);
  await ann.page.reload();
  expect(await wordsAt(ann, "appeal-answer")).toBe(ANSWER);
  expect(await ann.at("appeal-upheld").textContent()).toBe("Moderators looked at the appeal, and the ban stays.");
  expect(await ann.at("appeal").count()).toBe(0);
  expect(await violationsOn(ann)).toEqual([]);
  expect([...ann.pageErrors, ...bob.pageErrors]).toEqual([]);
  await Promise.all([ann.leaveForGood(), bob.leaveForGood()]);
});

it("a person whose ban was reversed starts again, and one who appealed in another tab is told so", async () => {
  const [ann, bob] = await meet();
  await ban(ann, "");
  await bob.leaveForGood();
  await ann.at("appeal").click();
  expect(await ann.at("ban-reason").count()).toBe(0);
  const other = await ann.context.newPage();
  await other.goto(server.url);
  await other.getByTestId("start").click();
  await other.getByTestId("appeal").click();
  await other.getByTestId("appeal-text").fill("please");
  await other.getByTestId("appeal-send").click();
  await other.getByTestId("appeal-sent").waitFor();
  await other.close();

  await ann.at("appeal-text").fill("It was not me.");
  await ann.at("appeal-send").click();
  expect(await wordsAt(ann, "appeal-problem")).toContain("There is an appeal already");
  await ann.page.keyboard.press("Escape");
  await ann.at("appeal-open").waitFor();
  expect((await openAppeals()).map(({ appeal }) => appeal?.text)).toEqual(["please"]);

  await decide(AppealOutcome.REVERSED, "sorry");
  await ann.page.reload();
  await ann.untilConnection("online");
  expect(await ann.at("notice").count()).toBe(0);
  const carl = await CallPage.arrive(browser, server.url);
  await ann.startFirst();
  await carl.start();
  await Promise.all([ann.seesPartner(), carl.seesPartner()]);
  expect([...ann.pageErrors, ...carl.pageErrors]).toEqual([]);
});
