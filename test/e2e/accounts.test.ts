import { execFileSync } from "node:child_process";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import type { Message } from "../support/grpc.js";
import { AccountsSite, PAGE_ROOT } from "./support/accounts-site.js";
import type { AccountsPage } from "./support/accounts-page.js";

let site: AccountsSite;
beforeAll(async () => {
  site = await AccountsSite.open();
});
afterAll(() => site.close());
afterEach(() => site.clear());

/** Both see each other. */
async function meet(...pages: AccountsPage[]): Promise<void> {
  for (const page of pages) await page.start();
  for (const page of pages) await page.sees();
}

const MODERATION = "satoshigle.internal.v1.ModerationService";

const reports = async () => (await site.call(MODERATION, "listReports", {})).reports as Message[];

/** What the server did because of a ban of a subject, the newest first. */
async function eventsOf(subject: unknown): Promise<Message[]> {
  const types = ["EVENT_TYPE_BANNED", "EVENT_TYPE_SESSION_CLOSED"];
  const { events } = await site.call("satoshigle.internal.v1.EventService", "listEvents", { types });
  return (events as Message[]).filter(({ banned, sessionClosed }) => {
    const session = (sessionClosed as Message | undefined)?.session as Message | undefined;
    return ((banned as Message | undefined) ?? session)?.subject === subject;
  });
}

function millisecondsOf({ createTime }: Message): number {
  const { seconds, nanos } = createTime as { seconds: number; nanos: number };
  return seconds * 1_000 + nanos / 1_000_000;
}

it("type-checks", () => {
  execFileSync(process.execPath, ["node_modules/typescript-native/bin/tsc", "-p", PAGE_ROOT], { stdio: "pipe" });
});

it("introduces two users to each other", async () => {
  const ann = await site.register("Ann");
  const bob = await site.register("Bob");
  await meet(ann, bob);
  await ann.says("partner", "Bob");
  await bob.says("partner", "Ann");

  // After a reload the call goes on, with the name.
  await bob.page.reload();
  await bob.says("partner", "Ann");
  await bob.sees();
});

it("shows the names and lines of others as text", async () => {
  const markup = "<img src=x onerror=hurt=1>";
  const ann = await site.register("Ann");
  const eve = await site.register(markup);
  await meet(ann, eve);
  await ann.says("partner", markup);
  await eve.write(markup, ann);
  for (const { page } of [ann, eve]) {
    expect(await page.locator("img").count()).toBe(0);
    expect(await page.evaluate(() => "hurt" in window)).toBe(false);
  }
});

it("refuses a wrong password and a name that is taken", async () => {
  await site.register("Ann");
  const stranger = await site.visit();
  await stranger.ask("Ann", "login", "a wrong password");
  await stranger.says("problem", "Name or password is wrong.");
  await stranger.ask("ANN", "register");
  await stranger.says("problem", "This name is taken.");
  expect(await stranger.page.locator("#room").isVisible()).toBe(false);
});

it("stops a second tab of a person from taking turns with the first", async () => {
  const first = await site.register("Carl");
  await first.press("start");
  await first.says("status", "Waiting");
  const second = await first.page.context().newPage();
  await second.goto(site.url);
  await second.locator("#start").click();
  await second.locator("#status", { hasText: "Waiting" }).waitFor();
  await first.says("problem", "superseded");
  await first.says("status", "closed");
  await first.press("start");
  await first.says("status", "Waiting");
  await second.locator("#status", { hasText: "closed" }).waitFor();
});

it("keeps the session of one user from the next one in the same tab", async () => {
  const tab = await site.register("Dora");
  await tab.press("start");
  await tab.says("status", "Waiting");
  await tab.press("logout");
  await tab.enter("Emil", "register");
  expect(await tab.page.evaluate(() => Object.keys(sessionStorage))).toEqual([]);
  const other = await site.register("Dora's friend");
  for (const one of [tab, other]) await one.press("start");
  await other.says("partner", "Emil");
});

/** Reports that the attempts at the next test have made. */
let reportsMade = 0;
it("bans a user at once and on every network, and not the neighbours", async () => {
  const ann = await site.register("Anna", { address: "192.0.2.1" });
  const bob = await site.register("Bobby", { address: "198.51.100.1" });
  await meet(ann, bob);
  await ann.press("report");
  await ann.says("status", "Press Start.");
  await bob.says("status", "Waiting");
  await expect.poll(async () => (await reports()).length).toBe(reportsMade + 1);
  reportsMade++;

  const subject = (await reports())[0]?.reportedSubject;
  expect(subject).toBe(await bob.subject());
  await site.call(MODERATION, "ban", { subject, reason: "spam", duration: { seconds: 3_600 } });
  await bob.says("problem", /banned/);
  await bob.says("status", "closed");
  await expect.poll(() => eventsOf(subject)).toHaveLength(2);
  const [closed, banned] = await eventsOf(subject);
  expect(closed).toMatchObject({ type: "EVENT_TYPE_SESSION_CLOSED", sessionClosed: { reason: "REASON_BANNED" } });
  expect(millisecondsOf(closed ?? {}) - millisecondsOf(banned ?? {})).toBeLessThan(1_000);

  const elsewhere = await site.visit("203.0.113.1");
  await elsewhere.enter("Bobby", "login");
  await elsewhere.press("start");
  await elsewhere.says("problem", /banned/);
  await elsewhere.says("status", "closed");

  const neighbour = await site.register("Nora", { address: "198.51.100.2" });
  await meet(neighbour, ann);
  await ann.says("partner", "Nora");
});
