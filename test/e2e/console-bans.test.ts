import { randomBytes, randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import type { ConsolePage } from "./support/console-page.js";
import { ConsoleSite } from "./support/console-site.js";

let site: ConsoleSite;
beforeAll(async () => {
  site = await ConsoleSite.open();
});
afterAll(() => site.close());

let operator: ConsolePage;
let [subject, key]: [string, string] = [] as never; // of this test alone
beforeEach(async () => {
  [subject, key] = [randomUUID(), randomBytes(16).toString("base64url")];
  operator = await site.visit();
  await operator.open("bans");
});
afterEach(() => operator.close());

const form = () => operator.page.getByRole("form", { name: "New ban" });
const field = (name: string) => form().getByRole("textbox", { name });
const duration = () => form().getByRole("spinbutton", { name: "Duration" });
const unit = () => form().getByRole("combobox", { name: "Unit" });
const refused = (text: string) => operator.alert.filter({ hasText: text }).waitFor();

it("bans a person by subject, which ends its session, and lifts the ban", async () => {
  const person = await site.enter(subject);
  await operator.banByHand(subject, "subject", "Insults");
  await operator.says(`The ban of ${subject} is in force and ends in 7 days.`);
  await person.ended;
  await operator.rows(subject).waitFor();
  expect(await operator.rows(subject).innerText()).toMatch(/person[^]*Insults[^]*an operator[^]*in 7 days/);
  const { bans } = await site.moderation.listBans({ pageSize: 500 });
  expect(bans.find((ban) => ban.subject === subject)).toMatchObject({ reason: "Insults", statement: "" });
  await operator.press(`Unban ${subject}`);
  await operator.press("Unban", operator.dialog);
  await operator.says(`The ban of ${subject} is lifted.`);
  await operator.rows(subject).waitFor({ state: "detached" });
  await site.enter(subject);
});

it("tells the banned the statement and not the reason, up to 256 bytes", async () => {
  await operator.page.getByText("New ban").waitFor();
  await field("What the banned person reads").fill("€".repeat(86));
  await form().getByText("Only the first 85 characters are told.").waitFor();
  await field("What the banned person reads").fill("You shouted.");
  await form().getByText("Only the first").waitFor({ state: "detached" });
  await operator.banByHand(key, "key", "Insults");
  await operator.says(`The ban of the network ${key} is in force and ends in 7 days.`);
  const { bans } = await site.moderation.listBans({ pageSize: 500 });
  expect(bans.find((ban) => ban.addressKey === key)).toMatchObject({ reason: "Insults", statement: "You shouted." });
  await operator.rows(key).getByText("“You shouted.”").waitFor();
  expect(await field("What the banned person reads").inputValue()).toBe("");
});

it("offers each ban the same fields, whatever was entered before", async () => {
  await unit().selectOption("hours");
  await duration().fill("3");
  await operator.banByHand(key, "key", "Insults");
  await operator.says(`The ban of the network ${key} is in force and ends in 3 hours.`);
  expect(await duration().inputValue()).toBe("7");
  expect(await unit().inputValue()).toBe("days");
  expect(await field("Reason").inputValue()).toBe("");
  expect(await field("Subject or key").inputValue()).toBe("");
  await operator.banByHand(`^${key}`, "key");
  await operator.says(`The ban of the browser ^${key} is in force and ends in 7 days.`);
});

it("doubts a subject that is not stored", async () => {
  await operator.banByHand(subject);
  await operator.says(
    `The ban of ${subject} is in force and ends in 7 days. No person with this subject is stored: check it.`,
  );
});

it("says why a ban is refused, and keeps what was entered", async () => {
  await operator.banByHand("not a key", "key", "Insults");
  await refused("The server refused the request: address_key");
  await operator.banByHand("x".repeat(129), "subject", "Insults");
  await refused("The server refused the request: subject");
  expect(await field("Reason").inputValue()).toBe("Insults");
  await field("Subject or key").fill(subject);
  await duration().fill("3651");
  await operator.press("Ban", form());
  await refused("The duration must be from one minute to ten years.");
  expect(await field("Subject or key").inputValue()).toBe(subject);
  await duration().fill("3650");
  await operator.press("Ban", form());
  await operator.says(`The ban of ${subject} is in force and ends in 10 years.`);
  expect(await operator.alert.count()).toBe(0);
});

it("says that a ban had already ended when it was to be lifted", async () => {
  await operator.banByHand(key, "key");
  await operator.press(`Unban the network ${key}`);
  await site.moderation.unban({ addressKey: key });
  await operator.press("Unban", operator.dialog);
  await operator.says(`The ban of the network ${key} had already ended.`);
  await operator.page.locator(`[data-ban="${key}"]`).waitFor({ state: "detached" });
});
