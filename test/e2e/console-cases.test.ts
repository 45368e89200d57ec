import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { reportFrom } from "../rpc/support/networks.js";
import { violationsOn } from "./support/axe.js";
import type { ConsolePage } from "./support/console-page.js";
import { ConsoleSite } from "./support/console-site.js";

/** Would do harm if it were more than text. */
const MARKUP = '<img src="x" onerror="window.isHarmed = true">';

let site: ConsoleSite;
let operator: ConsolePage;
let made = 0;
beforeAll(async () => {
  site = await ConsoleSite.open({ TRUST_PROXY: "127.0.0.1" });
});
afterAll(() => site.close());
beforeEach(async () => {
  operator = await site.visit();
});
afterEach(() => operator.close());

/** Opens a case about a network that no other test uses. Returns its ID. */
async function openCase(): Promise<string> {
  await reportFrom(site.server, `192.0.2.${String(++made)}`, `10.1.${String(made)}.1`);
  const { cases } = await site.moderation.listCases({ pageSize: 500 });
  return cases.reduce((newest, { caseId }) => (Number(caseId) > Number(newest) ? caseId : newest), "0");
}

async function enterName(name: string): Promise<void> {
  await operator.press("Enter your name");
  await operator.dialog.getByRole("textbox", { name: "Name" }).fill(name);
  await operator.press("Keep", operator.dialog);
  await operator.button("Change name").waitFor();
}

it("a moderator claims a case from the queue, writes a note, bans with the keyboard, and so resolves it", async () => {
  const caseId = await openCase();
  await operator.open("cases");
  await enterName("ann");
  await operator.page
    .locator(`[data-case="${caseId}"]`)
    .getByRole("button", { name: /^Claim/ })
    .click();
  await operator.page.getByRole("heading", { name: `Case ${caseId}` }).waitFor();
  await operator.page.getByRole("textbox", { name: "New note" }).fill(MARKUP);
  await operator.press("Add note");
  await operator.page.getByText(MARKUP).waitFor();
  expect(await operator.page.locator("main img").count()).toBe(0);
  expect(await violationsOn(operator)).toEqual([]);

  await operator.page.locator("h1").click();
  await operator.page.keyboard.press("?");
  await operator.page.getByRole("dialog", { name: "Keyboard shortcuts" }).waitFor();
  expect(await violationsOn(operator)).toEqual([]);
  await operator.page.keyboard.press("Escape");
  await operator.page.keyboard.press("b");
  await operator.dialog.getByRole("textbox", { name: "Reason" }).fill("insults");
  expect(await violationsOn(operator)).toEqual([]);
  await operator.press("Ban", operator.dialog);
  await operator.says("The case is resolved.");
  const { record } = await site.moderation.getCase({ caseId });
  expect(record).toMatchObject({ moderator: "ann", resolution: "insults" });
  await operator.page.getByText("Banned, ends").waitFor();
  expect(await operator.page.evaluate(() => "isHarmed" in window)).toBe(false);
  expect(operator.complaints).toEqual([]);
});

it("the queue shows what others do, without moving its rows", async () => {
  const caseId = await openCase();
  await operator.open("cases");
  const row = operator.page.locator(`[data-case="${caseId}"]`);
  await row.getByText("Open", { exact: true }).waitFor();
  await site.moderation.claimCase({ caseId }, { headers: { "x-satoshigle-moderator": "bob" } });
  await row.getByText("In review").waitFor();
  await row.getByText("by bob").waitFor();
  await openCase();
  await operator.says("1 more case since the list was loaded: refresh it.");
});

it("the audit log leads back to a case, and is limited to a moderator", async () => {
  const caseId = await openCase();
  await site.moderation.claimCase({ caseId }, { headers: { "x-satoshigle-moderator": "zoe" } });
  await operator.open("audit", "?moderator=zoe");
  expect(await operator.rows().count()).toBe(1);
  await operator.page.getByRole("link", { name: caseId }).click();
  await operator.page.getByText("zoe reviews this case.").waitFor();
});
