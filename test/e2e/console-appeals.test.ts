import { randomUUID } from "node:crypto";
import { createClient } from "@connectrpc/connect";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ActionKind } from "../../gen/satoshigle/internal/v1/action_pb.js";
import { AppealOutcome, AppealState } from "../../gen/satoshigle/internal/v1/appeal_pb.js";
import { WarningService } from "../../gen/satoshigle/v1/warning_pb.js";
import { soon } from "../support/soon.js";
import { appealTo } from "./support/appeals.js";
import { violationsOn } from "./support/axe.js";
import type { ConsolePage } from "./support/console-page.js";
import { ConsoleSite } from "./support/console-site.js";
import { cutOff } from "./support/cut-off.js";
import { overlaps } from "./support/layout.js";

/** Would do harm if it were more than text. */
const MARKUP = '<img src="x" onerror="window.isHarmed = true">';

let site: ConsoleSite;
beforeAll(async () => {
  site = await ConsoleSite.open();
});
afterAll(() => site.close());

let operator: ConsolePage;
let subject: string; // of this test alone
beforeEach(async () => {
  subject = randomUUID();
  operator = await site.visit();
});
afterEach(() => operator.close());

const key = (name: string) => operator.page.keyboard.press(name);
const button = (verb: string) => `${verb} the ban of ${subject}`;
const answer = () => operator.dialog.getByRole("textbox", { name: "Answer" });
const own = () => operator.rows(subject);
const link = (name: string | RegExp) => operator.page.getByRole("link", { name });

/** The appeal of this test, once it is decided. */
async function decided() {
  const { bans } = await site.moderation.listAppeals({ state: AppealState.DECIDED, pageSize: 500 });
  return bans.find((ban) => ban.subject === subject)?.appeal;
}

it("shows who appeals and why, what the ban is, and the open appeals oldest first", async () => {
  await appealTo(site, "I only laughed.\nSorry.", subject, { reason: "secret notes", statement: "You shouted." });
  const later = randomUUID();
  await appealTo(site, "Me too", later);
  await operator.open("appeals");
  const text = await own().innerText();
  for (const part of [
    "person",
    "I only laughed.\nSorry.",
    "secret notes",
    "“You shouted.”",
    "by an operator",
    "in 24 h",
  ]) {
    expect(text).toContain(part);
  }
  const texts = await operator.rows().allInnerTexts();
  const placeOf = (who: string) => texts.findIndex((row) => row.includes(who));
  expect(placeOf(subject)).toBeLessThan(placeOf(later));
  expect(placeOf(subject)).toBeGreaterThanOrEqual(0);
});

it("upholds a ban, with an answer that the person is told", async () => {
  const banId = await appealTo(site, "Please", subject);
  await operator.open("appeals");
  await operator.press(button("Uphold"));
  await operator.dialog.getByText("Answer, which the banned person reads").waitFor();
  expect(await answer().getAttribute("maxlength")).toBe("500");
  await answer().fill("ä".repeat(129));
  await operator.dialog.getByText("Only the first 128 characters are told.").waitFor();
  await answer().fill("We looked again.");
  await operator.press("Uphold", operator.dialog);
  await operator.says(`The ban of ${subject} is upheld.`);
  await own().waitFor({ state: "detached" });
  expect(await decided()).toMatchObject({ banId, outcome: AppealOutcome.UPHELD, answer: "We looked again." });
  await expect(site.enter(subject)).rejects.toThrow("banned");

  await operator.page.getByRole("combobox", { name: "State" }).selectOption("decided");
  await operator.press("Show");
  await own().waitFor();
  expect(await own().innerText()).toMatch(/Upheld by[^]*We looked again\./);
  expect(await operator.button(button("Uphold")).count()).toBe(0);
});

it("reverses a ban, so that the person gets in again", async () => {
  await appealTo(site, "Please", subject);
  await operator.open("appeals");
  await operator.press(button("Reverse"));
  await operator.press("Reverse", operator.dialog);
  await operator.says(`The ban of ${subject} is reversed.`);
  await own().waitFor({ state: "detached" });
  await soon(() => site.enter(subject));
  await operator.open("appeals", "?state=decided");
  expect(await own().innerText()).toMatch(/Reversed by[^]*lifted/);
});

it("says that somebody else has decided, and that a ban was lifted, and shows what is left", async () => {
  const banId = await appealTo(site, "Please", subject);
  await operator.open("appeals");
  await operator.press(button("Reverse"));
  await site.moderation.resolveAppeal({ banId, outcome: AppealOutcome.UPHELD });
  await operator.press("Reverse", operator.dialog);
  await operator.says(`Nothing changed: somebody else decided the appeal of ${subject} meanwhile, which is final.`);
  await own().waitFor({ state: "detached" });

  subject = randomUUID();
  await appealTo(site, "Please", subject);
  await operator.press("Refresh");
  await operator.press(button("Uphold"));
  await site.moderation.unban({ subject });
  await operator.press("Uphold", operator.dialog);
  await operator.says(`Nothing changed: the ban of ${subject} was lifted or replaced meanwhile`);
  await own().waitFor({ state: "detached" });
});

it("shows markup in an appeal, a statement and an answer as text", async () => {
  const banId = await appealTo(site, `${MARKUP}\n\u202eevil`, subject, { reason: MARKUP, statement: MARKUP });
  await operator.open("appeals");
  await own().getByText(`${MARKUP}\n\\u{202e}evil`).waitFor();
  await own().getByText(`“${MARKUP}”`).waitFor();
  await operator.press(button("Uphold"));
  await operator.dialog.getByText(MARKUP).waitFor();
  await answer().fill(MARKUP);
  await operator.press("Uphold", operator.dialog);
  await operator.open("appeals", `?state=decided&ban=${banId}`);
  expect(await own().getByText(MARKUP).count()).toBeGreaterThan(2);
  await operator.open("bans");
  await own().getByText(`“${MARKUP}”`).waitFor();
  expect(await operator.page.locator("main img").count()).toBe(0);
  expect(await operator.page.evaluate(() => "isHarmed" in window)).toBe(false);
  expect(operator.complaints).toEqual([]);
});

it("is reached, read and decided with the keyboard alone", async () => {
  const banId = await appealTo(site, "Please", subject);
  await operator.open("bans");
  await operator.tabTo("Appeals");
  await key("Enter");
  await operator.page.getByRole("heading", { name: "Appeals" }).waitFor();
  expect(await operator.page.evaluate(() => document.activeElement?.tagName)).toBe("MAIN");
  await own().waitFor();
  const place = (await operator.rows().allInnerTexts()).findIndex((row) => row.includes(subject));
  for (let row = 0; row <= place; row++) await key("j");
  expect(await operator.focused()).toBe(`Cases about ${subject}`);
  await key("u");
  await operator.page.getByRole("dialog", { name: "Uphold this ban?" }).waitFor();
  await key("Escape");
  await operator.dialog.waitFor({ state: "detached" });
  expect(await operator.focused()).toBe(`Cases about ${subject}`);
  await key("r");
  await operator.page.getByRole("dialog", { name: "Reverse this ban?" }).waitFor();
  await operator.page.keyboard.type("Sorry");
  await operator.tabTo("Reverse");
  await key("Enter");
  await operator.says(`The ban of ${subject} is reversed.`);
  expect(await operator.focused()).toBe(`The ban of ${subject} is reversed.`);
  expect(await decided()).toMatchObject({ banId, outcome: AppealOutcome.REVERSED, answer: "Sorry" });
  await key("d");
  await operator.page.getByText("decided, the latest decision first").first().waitFor();
  await own().waitFor();
  await key("o");
  await own().waitFor({ state: "detached" });
});

it("is reached from the ban, before and after the decision, and leads to the cases about whom it is", async () => {
  const banId = await appealTo(site, "Please", subject);
  await operator.open("bans");
  await link(`Open: the appeal of ${subject}`).click();
  await soon(async () => {
    expect(await operator.rows().count()).toBe(1); // no longer the bans
  });
  await own().waitFor();
  await link(`Cases about ${subject}`).click();
  await operator.page.getByText("No cases.").waitFor();
  const { addressKey } = (await site.moderation.listBans({})).bans.find((ban) => ban.banId === banId) ?? {};
  expect(await operator.page.getByRole("textbox", { name: "Key of a network" }).inputValue()).toBe(addressKey);
  await site.moderation.resolveAppeal({ banId, outcome: AppealOutcome.UPHELD });
  await operator.open("bans");
  await link(`Upheld: the appeal of ${subject}`).click();
  await own().getByText("Upheld").waitFor();
});

it("offers no decisions to viewers", async () => {
  await appealTo(site, "Please", subject);
  await operator.page.route("**/GetOperator", async (route) => {
    const body = JSON.stringify({ name: "vic", role: "OPERATOR_ROLE_VIEWER" });
    await route.fulfill({ status: 200, contentType: "application/json", body });
  });
  await operator.open("appeals");
  await operator.page.getByText("vic").waitFor();
  await link(`Cases about ${subject}`).focus();
  await key("u");
  expect(await operator.button(/^(Uphold|Reverse)/).count()).toBe(0);
  expect(await operator.dialog.count()).toBe(0);
});

it("says whether a warning was acknowledged, and when", async () => {
  const person = await site.enter(subject);
  const statement = "Be kind.";
  await site.actions.takeAction({ subject, kind: ActionKind.WARN, statement, duration: { seconds: 86_400n } });
  const { actionId } = await person.until("warned");
  await operator.open("actions", `?subject=${subject}`);
  await own().getByText("not acknowledged").waitFor();
  const options = { headers: { authorization: `Bearer ${person.welcome.token}` } };
  await createClient(WarningService, person.transport).acknowledgeWarning({ actionId }, options);
  await operator.press("Refresh");
  await own()
    .getByText(/^acknowledged .* ago/)
    .waitFor();
});

describe.each([
  ["light", 1280],
  ["dark", 320],
] as const)("in %s colors on a page of %i pixels", (colorScheme, width) => {
  it("axe finds nothing in decided appeals and the dialog, and nothing is cut off", async () => {
    const told = { reason: "R".repeat(500), statement: "S".repeat(500) };
    const banId = await appealTo(site, "T".repeat(1_000), subject, told);
    await operator.close();
    operator = await site.visit(width, colorScheme);
    await operator.open("appeals", `?ban=${banId}`);
    await operator.press(button("Reverse"));
    expect(await violationsOn(operator)).toEqual([]);
    expect(await cutOff(operator.page)).toEqual([]);
    await site.moderation.resolveAppeal({ banId, outcome: AppealOutcome.UPHELD, answer: "A".repeat(500) });
    await operator.open("appeals", `?state=decided&ban=${banId}`);
    const height = await operator.page.evaluate(() => document.documentElement.scrollHeight);
    await operator.page.setViewportSize({ width, height });
    expect(await violationsOn(operator)).toEqual([]);
    expect(await overlaps(operator.page)).toEqual([]);
    expect(await cutOff(operator.page)).toEqual([]);
    expect(await operator.page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
    expect(operator.complaints).toEqual([]);
  });
});
