import { execFileSync } from "node:child_process";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { GrpcClient, type Message } from "../support/grpc.js";
import {
  ACCOUNTS_PAGE,
  AccountsSite,
  enter as enterAs,
  frames,
  leave,
  says,
  seeEachOther,
} from "./support/accounts-site.js";
import { launchBrowser } from "./support/call-page.js";

let [browser, site]: [Browser, AccountsSite] = [] as never;
beforeAll(async () => {
  browser = await launchBrowser();
  site = await AccountsSite.start(browser);
});
afterAll(async () => {
  await browser.close();
  await site.close();
});

/** Part of each name, so that a test that is repeated finds none taken. */
let attempt = 0;
beforeEach(() => {
  attempt++;
});

const named = (name: string) => `${name} ${String(attempt)}`;
const visit = (address: string) => site.visit(address);
const enter = (page: Page, name: string, button: "login" | "register") => enterAs(page, named(name), button);
const register = (name: string, address: string) => site.register(named(name), address);

/** Bans the person who was reported in the match that a page left last, which shows the end before it is stored. */
async function banReported(known: number): Promise<void> {
  const moderation = new GrpcClient("satoshigle.internal.v1.ModerationService", site.internalUrl);
  const reports = async () => ((await moderation.call("listReports", {})) as { reports: Message[] }).reports;
  await expect.poll(async () => (await reports()).length).toBe(known + 1);
  const [report] = await reports();
  expect(report?.reportedSubject).not.toBe("");
  await moderation.call("ban", { subject: report?.reportedSubject, reason: "spam", duration: { seconds: 3_600 } });
  moderation.close();
}

it("type-checks", () => {
  execFileSync(process.execPath, ["node_modules/typescript-native/bin/tsc", "-p", ACCOUNTS_PAGE], { stdio: "pipe" });
});

it("introduces two users to each other", async () => {
  const ann = await register("Ann", "192.0.2.1");
  const bob = await register('<b id="x">Bob</b>', "198.51.100.1");
  for (const page of [ann, bob]) await page.locator("#start").click();
  await seeEachOther(ann, bob);
  await says(ann, "partner", '<b id="x">Bob</b>');
  await says(bob, "partner", "Ann");
  expect(await ann.locator("#x").count()).toBe(0);

  // After a reload the call goes on, with the name.
  await bob.reload();
  await says(bob, "partner", "Ann");
  await expect.poll(() => frames(bob), { timeout: 60_000 }).toBeGreaterThan(5);
  await leave(ann, bob);
});

it("stops a second tab of a person from taking turns with the first", async () => {
  const first = await register("Carl", "192.0.2.1");
  await first.locator("#start").click();
  await says(first, "status", "Waiting");
  const second = await first.context().newPage();
  await second.goto(site.url);
  await second.locator("#start").click();
  await says(second, "status", "Waiting");
  await says(first, "problem", "superseded");
  await says(first, "status", "closed");
  await first.locator("#start").click();
  await says(first, "status", "Waiting");
  await says(second, "status", "closed");
  await leave(first);
});

it("keeps the session of one user from the next one in the same tab", async () => {
  const page = await register("Dora", "192.0.2.1");
  await page.locator("#start").click();
  await says(page, "status", "Waiting");
  await page.locator("#logout").click();
  await enter(page, "Emil", "register");
  expect(await page.evaluate(() => Object.keys(sessionStorage))).toEqual([]);
  const other = await register("Dora's friend", "192.0.2.1");
  for (const one of [page, other]) await one.locator("#start").click();
  await says(other, "partner", "Emil");
  await leave(page, other);
});

/** Reports that the attempts at the next test have made. */
let reportsMade = 0;
it("bans a user on every network, and not the neighbours", async () => {
  const ann = await register("Anna", "192.0.2.1");
  const bob = await register("Bobby", "198.51.100.1");
  for (const page of [ann, bob]) await page.locator("#start").click();
  await seeEachOther(ann, bob);
  await ann.locator("#report").click();
  await says(ann, "status", "Press Start.");
  await banReported(reportsMade++);
  await says(bob, "problem", /banned/);
  await says(bob, "status", "closed");

  const elsewhere = await visit("203.0.113.1");
  await enter(elsewhere, "Bobby", "login");
  await elsewhere.locator("#start").click();
  await says(elsewhere, "problem", /banned/);
  await says(elsewhere, "status", "closed");

  const neighbour = await register("Nora", "198.51.100.2");
  await neighbour.locator("#start").click();
  await says(neighbour, "status", /Waiting|In a call/);
  await leave(ann, bob, elsewhere, neighbour);
});
