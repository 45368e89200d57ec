import type { Locator, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import type { AccountsPage } from "./support/accounts-page.js";
import { AccountsSite } from "./support/accounts-site.js";

let site: AccountsSite;
beforeAll(async () => {
  site = await AccountsSite.open();
});
afterAll(() => site.close());

let operator: Page;
beforeEach(async () => {
  operator = await site.openConsole();
});
afterEach(async () => {
  await operator.close();
  await site.clear();
});

const press = (name: string, within: Page | Locator = operator) =>
  within.getByRole("button", { name, exact: true }).click();
const dialog = () => operator.getByRole("dialog");
const rows = () => operator.locator("tbody tr");

/** Two users in a call. */
async function meet(): Promise<[AccountsPage, AccountsPage]> {
  const ann = await site.register("Ann", { address: "192.0.2.1" });
  const bob = await site.register("Bob", { address: "198.51.100.1" });
  for (const user of [ann, bob]) await user.start();
  for (const user of [ann, bob]) await user.sees();
  return [ann, bob];
}

/** Shows the sessions of a subject. */
async function find(subject: string): Promise<void> {
  await operator.getByRole("link", { name: "Sessions", exact: true }).click();
  await operator.getByRole("textbox", { name: "Subject or key" }).fill(subject);
  await press("Show");
  await rows().filter({ hasText: subject }).waitFor();
}

it("finds a person by subject and bans it; its partner goes on, its neighbours are welcome, until the ban is lifted", async () => {
  const [ann, bob] = await meet();
  const subject = await bob.subject();
  await find(subject);
  expect(await rows().allInnerTexts()).toEqual([expect.stringContaining("In a match")]);

  await press(`Ban ${subject}`);
  const reason = `<img src="x" onerror="window.isHarmed = true">`;
  await dialog().getByRole("textbox", { name: "Reason" }).fill(reason);
  await press("Ban", dialog());
  await bob.says("problem", /banned/);
  await bob.says("status", "closed");
  await ann.says("status", "Waiting");
  await operator.getByText(`The ban of ${subject} is in force and ends in 7 days.`).waitFor();
  await operator.getByText("No sessions.").waitFor();

  const elsewhere = await site.visit("203.0.113.1");
  await elsewhere.enter("Bob", "login");
  await elsewhere.press("start");
  await elsewhere.says("problem", /banned/);
  const neighbour = await site.register("Nora", { address: "198.51.100.2" });
  await neighbour.start();
  for (const user of [ann, neighbour]) await user.sees();

  await operator.getByRole("link", { name: "Bans" }).click();
  const ban = rows().filter({ hasText: subject });
  await ban.getByText(reason).waitFor();
  expect(await operator.locator("img").count()).toBe(0);
  await press(`Unban ${subject}`);
  await press("Unban", dialog());
  await ban.waitFor({ state: "detached" });
  await elsewhere.press("start");
  await elsewhere.says("status", "Waiting");
});

it("ends a match, and closes a session", async () => {
  const [ann, bob] = await meet();
  const [subject, other] = [await ann.subject(), await bob.subject()];
  await operator.getByRole("link", { name: "Matches" }).click();
  const match = rows().filter({ hasText: subject });
  expect(await match.innerText()).toContain(other);
  const id = (await match.getAttribute("data-match")) ?? "";
  await press(`End match ${id}`);
  await press("Cancel", dialog());
  const before = await ann.frames();
  await expect.poll(() => ann.frames()).toBeGreaterThan(before); // nothing happened yet
  await press(`End match ${id}`);
  await press("End match", dialog());
  for (const page of [ann, bob]) await page.says("status", "Waiting");
  await match.waitFor({ state: "detached" });

  await find(subject);
  await press(`Close session of ${subject}`);
  await press("Close session", dialog());
  await operator.getByText("No sessions.").waitFor();
  await ann.says("status", "closed");
  await bob.says("status", "Waiting");
  await ann.press("start");
  await ann.says("status", "Waiting");
});
