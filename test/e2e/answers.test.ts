import { type Client, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { CaseOutcome } from "../../gen/satoshigle/internal/v1/case_pb.js";
import { ModerationService } from "../../gen/satoshigle/internal/v1/moderation_pb.js";
import { roomy } from "../support/pair.js";
import { freePort } from "../support/ports.js";
import { violationsOn } from "./support/axe.js";
import { CallPage } from "./support/call-page.js";
import { launchBrowser } from "./support/chromium.js";
import { ServerProcess } from "./support/server-process.js";

const byEve = { headers: { "x-satoshigle-moderator": "eve" } };
const ACTED_ON = /^Your report of \w+ \d+: we acted on it\.$/;
const NO_BREACH = /^Your report of \w+ \d+: we found no breach of the rules\.$/;

let browser: Browser;
let server: ServerProcess;
let desk: Client<typeof ModerationService>;

beforeAll(async () => {
  const internalPort = String(await freePort());
  browser = await launchBrowser();
  server = await ServerProcess.start({ ...roomy, INTERNAL_PORT: internalPort, WIDEN_AFTER_MS: "1000" });
  desk = createClient(ModerationService, createGrpcTransport({ baseUrl: `http://127.0.0.1:${internalPort}` }));
});
afterAll(async () => {
  await browser.close();
  await server.close();
});

const at = (page: Page, testId: string) => page.getByTestId(testId);

/** Meets somebody new, and reports them. */
async function report(ann: Page): Promise<void> {
  const bob = await CallPage.arrive(browser, server.url);
  await bob.startFirst();
  await at(ann, "start").click();
  await ann.waitForSelector('html[data-phase="connected"]', { state: "attached" });
  await at(ann, "report").click();
  await at(ann, "reason-spam").check();
  await at(ann, "report-send").click();
  await at(ann, "report-sent").getByText("you will find the answer here").waitFor();
  await ann.keyboard.press("Escape");
  await bob.leaveForGood();
  await ann.waitForSelector('html[data-phase="idle"]', { state: "attached" });
}

/** A moderator resolves the only open case. */
async function resolve(outcome: CaseOutcome): Promise<void> {
  const { cases } = await desk.listCases({});
  expect(cases).toHaveLength(1);
  const caseId = cases[0]?.caseId ?? "";
  await desk.claimCase({ caseId }, byEve);
  await desk.resolveCase({ caseId, outcome, resolution: "as described" }, byEve);
}

/** Waits for the answers on the page to be these. */
async function reads(page: Page, ...answers: RegExp[]): Promise<void> {
  const lines = at(page, "answers").locator("p");
  await lines.nth(answers.length - 1).waitFor();
  const texts = await lines.allTextContents();
  expect(texts.map((text) => text.trim())).toEqual(answers.map((answer) => expect.stringMatching(answer) as string));
}

it("a reporter reads what came of a report, until it is dismissed, also after the page was closed", async () => {
  const ann = await CallPage.arrive(browser, server.url);
  const { page, context } = ann;
  await report(page);
  expect(await at(page, "answers").textContent()).toBe("");
  await resolve(CaseOutcome.BANNED);
  await reads(page, ACTED_ON);
  expect(await at(page, "answers").getAttribute("role")).toBe("status");
  expect(await violationsOn(ann)).toEqual([]);
  await page.reload();
  await reads(page, ACTED_ON);

  const acknowledged = page.waitForResponse((response) => response.url().endsWith("/AcknowledgeReports"));
  await at(page, "answers-dismiss").focus();
  await page.keyboard.press("Enter");
  expect((await acknowledged).status()).toBe(200);
  await at(page, "answers-dismiss").waitFor({ state: "detached" });
  await page.reload();
  await ann.untilConnection("online");
  await report(page);
  await page.close();
  await resolve(CaseOutcome.NO_VIOLATION);

  const later = await context.newPage();
  await later.goto(server.url);
  await at(later, "start").click();
  await reads(later, NO_BREACH); // and not the answer that was dismissed
  await at(later, "answers-dismiss").focus();
  await later.keyboard.press("Escape");
  await at(later, "answers-dismiss").waitFor({ state: "detached" });
  expect(await at(later, "answers").textContent()).toBe("");
  expect(ann.pageErrors).toEqual([]);
  await context.close();
});
