import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { AccountsSite, enter, frames, leave, says, seeEachOther, subjectOf } from "./support/accounts-site.js";
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
let operator: Page;
beforeEach(async () => {
  attempt++;
  operator = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  operator.setDefaultTimeout(60_000);
  await operator.goto(site.internalUrl);
});
afterEach(() => operator.close());

const register = (name: string, address: string) => site.register(`${name} ${String(attempt)}`, address);
const press = (name: string, within: Page | Locator = operator) =>
  within.getByRole("button", { name, exact: true }).click();
const dialog = () => operator.getByRole("dialog");
const rows = () => operator.locator("tbody tr");

/** Two users in a call. */
async function meet(address: string, other: string): Promise<[Page, Page]> {
  const pages: [Page, Page] = [await register("Ann", address), await register("Bob", other)];
  for (const page of pages) await page.locator("#start").click();
  await seeEachOther(...pages);
  return pages;
}

/** Shows the sessions of a subject. */
async function find(subject: string): Promise<void> {
  await operator.getByRole("link", { name: "Sessions", exact: true }).click();
  await operator.getByRole("textbox", { name: "Subject or key" }).fill(subject);
  await press("Show");
  await rows().filter({ hasText: subject }).waitFor();
}

it("finds a person by subject and bans it; its partner goes on, its neighbours are welcome, until the ban is lifted", async () => {
  const [ann, bob] = await meet("192.0.2.1", "198.51.100.1");
  const subject = await subjectOf(bob);
  await find(subject);
  expect(await rows().allInnerTexts()).toEqual([expect.stringContaining("In a match")]);

  await press(`Ban ${subject}`);
  const reason = `<img src="x" onerror="window.isHarmed = true">`;
  await dialog().getByRole("textbox", { name: "Reason" }).fill(reason);
  await press("Ban", dialog());
  await says(bob, "problem", /banned/);
  await says(bob, "status", "closed");
  await says(ann, "status", "Waiting");
  await operator.getByText(`The ban of ${subject} is in force and ends in 7 days.`).waitFor();
  await operator.getByText("No sessions.").waitFor();

  const elsewhere = await site.visit("203.0.113.1");
  await enter(elsewhere, `Bob ${String(attempt)}`, "login");
  await elsewhere.locator("#start").click();
  await says(elsewhere, "problem", /banned/);
  const neighbour = await register("Nora", "198.51.100.2");
  await neighbour.locator("#start").click();
  await seeEachOther(ann, neighbour);

  await operator.getByRole("link", { name: "Bans" }).click();
  const ban = rows().filter({ hasText: subject });
  await ban.getByText(reason).waitFor();
  expect(await operator.locator("img").count()).toBe(0);
  await press(`Unban ${subject}`);
  await press("Unban", dialog());
  await ban.waitFor({ state: "detached" });
  await elsewhere.locator("#start").click();
  await says(elsewhere, "status", "Waiting");
  await leave(ann, bob, elsewhere, neighbour);
});

it("ends a match, and closes a session", async () => {
  const [ann, bob] = await meet("192.0.2.1", "198.51.100.1");
  const [subject, other] = [await subjectOf(ann), await subjectOf(bob)];
  await operator.getByRole("link", { name: "Matches" }).click();
  const match = rows().filter({ hasText: subject });
  expect(await match.innerText()).toContain(other);
  const id = (await match.getAttribute("data-match")) ?? "";
  await press(`End match ${id}`);
  await press("Cancel", dialog());
  const before = await frames(ann);
  await expect.poll(() => frames(ann)).toBeGreaterThan(before); // nothing happened yet
  await press(`End match ${id}`);
  await press("End match", dialog());
  for (const page of [ann, bob]) await says(page, "status", "Waiting");
  await match.waitFor({ state: "detached" });

  await find(subject);
  await press(`Close session of ${subject}`);
  await press("Close session", dialog());
  await operator.getByText("No sessions.").waitFor();
  await says(ann, "status", "closed");
  await says(bob, "status", "Waiting");
  await ann.locator("#start").click();
  await says(ann, "status", "Waiting");
  await leave(ann, bob);
});
