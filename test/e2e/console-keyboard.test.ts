import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import type { ConsolePage } from "./support/console-page.js";
import { ConsoleSite } from "./support/console-site.js";

let site: ConsoleSite;
beforeAll(async () => {
  site = await ConsoleSite.open();
});
afterAll(() => site.close());

let operator: ConsolePage;
let subject: string;
beforeEach(async () => {
  operator = await site.visit();
  subject = randomUUID();
});
afterEach(() => operator.close());

const key = (name: string) => operator.page.keyboard.press(name);

it("goes to a view, whose content gets the focus, and back", async () => {
  await operator.open("sessions");
  await operator.tabTo("Bans");
  await key("Enter");
  await operator.page.getByRole("heading", { name: "Bans", exact: true }).waitFor();
  expect(await operator.page.title()).toBe("Satoshigle bans");
  expect(await operator.page.evaluate(() => document.activeElement?.tagName)).toBe("MAIN");
  expect(await operator.page.locator("nav [aria-current=page]").allTextContents()).toEqual(["Bans"]);
  await key("Tab");
  expect(await operator.page.evaluate(() => document.activeElement?.getAttribute("name"))).toBe("kind");
  await operator.page.goBack();
  await operator.page.getByRole("heading", { name: "Sessions" }).waitFor();
});

it("ends a match after a dialog, which begins at Cancel and gives the focus back", async () => {
  const { matchId } = await site.match(subject);
  const [button, dialog] = [`End match ${matchId}`, operator.dialog];
  await operator.open("matches");
  await operator.tabTo(button);
  for (const cancel of ["Escape", "Enter"]) {
    await key("Enter");
    await operator.page.getByRole("dialog", { name: "End this match?" }).waitFor();
    expect(await operator.focused()).toBe("Cancel");
    await key(cancel);
    await dialog.waitFor({ state: "detached" });
    expect(await operator.focused()).toBe(button);
  }
  await key("Enter");
  await key("Tab");
  expect(await operator.focused()).toBe("End match");
  await key("Enter");
  await operator.says(`The match ${matchId} is ended.`);
  expect(await operator.focused()).toBe(`The match ${matchId} is ended.`);
  await operator.rows(matchId).waitFor({ state: "detached" });
});

it("bans a person, with a reason", async () => {
  const person = await site.enter(subject);
  await operator.open("sessions", `?subject=${subject}`);
  await operator.tabTo(`Ban ${subject}`);
  await key("Enter");
  await operator.dialog.waitFor();
  const chosen = () => operator.dialog.getByRole("radio", { checked: true }).getAttribute("value");
  expect(await chosen()).toBe("person");
  await key("ArrowDown");
  expect(await chosen()).toBe("network");
  await key("ArrowUp");
  await key("Tab");
  await operator.page.keyboard.type("Insults");
  await key("Enter");
  await operator.says(`The ban of ${subject} is in force and ends in 7 days.`);
  await person.ended;
  await operator.page.getByText("No sessions.").waitFor();
  await operator.open("bans");
  expect(await operator.rows(subject).innerText()).toContain("Insults");
});

it("keeps the focus on a button whose request fails", async () => {
  await operator.open("bans");
  await operator.banByHand("not a key", "key");
  await operator.alert.waitFor();
  expect(await operator.focused()).toBe("Ban");

  const { matchId } = await site.match();
  await operator.open("matches");
  await operator.press(`End match ${matchId}`);
  await operator.page.context().setOffline(true);
  await operator.press("End match", operator.dialog);
  await operator.dialog.getByRole("alert").waitFor();
  expect(await operator.focused()).toBe("End match");
  await operator.page.context().setOffline(false);
  await key("Enter");
  await operator.says(`The match ${matchId} is ended.`);
});
