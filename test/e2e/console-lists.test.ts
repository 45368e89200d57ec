import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import type { TestClient } from "../support/test-client.js";
import type { ConsolePage } from "./support/console-page.js";
import { ConsoleSite } from "./support/console-site.js";

let site: ConsoleSite;
beforeAll(async () => {
  site = await ConsoleSite.open();
});
afterAll(() => site.close());

let operator: ConsolePage;
let subject: string; // of this test alone
beforeEach(async () => {
  operator = await site.visit();
  subject = randomUUID();
});
afterEach(() => operator.close());

const ids = () =>
  operator
    .rows()
    .evaluateAll((rows) => rows.map((row) => row.getAttribute("data-session") ?? row.getAttribute("data-match")));
const idOf = ({ welcome }: TestClient) => welcome.sessionId;
const hash = () => new URL(operator.page.url()).hash;
const link = (name: string) => operator.page.getByRole("link", { name, exact: true });

it("finds sessions by person and state, and keeps the filter in the address", async () => {
  const [idle, { answerer }] = [await site.enter(subject), await site.match(subject)];
  await operator.open("sessions");
  await operator.page.getByRole("textbox", { name: "Subject or key" }).fill(subject);
  await operator.press("Show");
  await expect.poll(ids).toEqual([idOf(answerer), idOf(idle)]);
  await operator.page.getByRole("combobox", { name: "State" }).selectOption("In a match");
  await operator.press("Show");
  await expect.poll(ids).toEqual([idOf(answerer)]);
  expect(hash()).toBe(`#/sessions?subject=${subject}&state=matched`);

  await operator.page.reload();
  await expect.poll(ids).toEqual([idOf(answerer)]);
  expect(await operator.page.getByRole("combobox", { name: "State" }).inputValue()).toBe("matched");
  await operator.page.goBack();
  await expect.poll(ids).toEqual([idOf(answerer), idOf(idle)]);
  await link("All sessions").click();
  await operator.page
    .getByRole("textbox", { name: "Subject or key" })
    .and(operator.page.locator("[value='']"))
    .waitFor();
  expect(hash()).toBe("#/sessions");
});

it("leads from a session to those of its person and of its network", async () => {
  const [first, second] = [await site.enter(subject), await site.enter(subject)];
  const { sessions } = await site.admin.listSessions({ subject });
  const { addressKey } = sessions[0] ?? {};
  await operator.open("sessions");
  await operator.page
    .locator(`[data-session="${idOf(first)}"]`)
    .getByRole("link", { name: subject })
    .click();
  await expect.poll(ids).toEqual([idOf(second), idOf(first)]);
  await operator.rows().first().getByRole("link").last().click();
  await link("All sessions").waitFor();
  await expect.poll(ids).toEqual(expect.arrayContaining([idOf(first), idOf(second)]));
  expect(hash()).toBe(`#/sessions?key=${String(addressKey)}`);
  expect(await operator.page.getByRole("combobox", { name: "Who" }).inputValue()).toBe("key");
});

it("finds matches by call and age, and lists all for an age that makes no sense", async () => {
  const [{ matchId: answered }, { matchId: unanswered }] = [await site.call(subject), await site.match(subject)];
  await operator.open("matches", "?call=unanswered");
  await expect.poll(ids).toContain(unanswered);
  expect(await ids()).not.toContain(answered);
  await operator.page.getByRole("combobox", { name: "Call" }).selectOption("answered");
  await operator.press("Show");
  await expect.poll(ids).toContain(answered);
  expect(await ids()).not.toContain(unanswered);
  await operator.page.getByRole("spinbutton", { name: "Minutes at least" }).fill("60");
  await operator.press("Show");
  await operator.page.getByText("No matches.").waitFor();
  expect(hash()).toBe("#/matches?minutes=60&call=answered");

  for (const minutes of ["Infinity", "1e300", "-5", "soon"]) {
    await operator.open("matches", `?minutes=${minutes}`);
    await expect.poll(ids).toEqual(expect.arrayContaining([answered, unanswered]));
  }
  expect(operator.complaints).toEqual([]);
});

it("loads a list again with Refresh, and with the same filter", async () => {
  const seen = [idOf(await site.enter(subject))];
  await operator.open("sessions", `?subject=${subject}`);
  expect(await ids()).toEqual(seen);
  for (const name of ["Refresh", "Show"]) {
    seen.unshift(idOf(await site.enter(subject)));
    await operator.press(name);
    await expect.poll(ids).toEqual(seen);
  }
});

it("shows long lists in pages, and loses none of them when one cannot be loaded", async () => {
  const all: string[] = [];
  for (let index = 0; index < 53; index++) all.unshift(idOf(await site.enter(subject)));
  const [newer, older] = [all.slice(0, 50), all.slice(50)];
  await operator.open("sessions", `?subject=${subject}`);
  expect(await ids()).toEqual(newer);
  expect(await operator.button("Newer").isDisabled()).toBe(true);

  await operator.page.context().setOffline(true);
  await operator.press("Older");
  await operator.alert.waitFor();
  expect(await ids()).toEqual(newer);
  await operator.page.context().setOffline(false);
  await operator.press("Older");
  await expect.poll(ids).toEqual(older);
  expect(await operator.alert.count()).toBe(0);
  expect(await operator.button("Older").isDisabled()).toBe(true);
  expect(await operator.focused()).toBe("Older");
  await operator.press("Newer");
  await expect.poll(ids).toEqual(newer);

  await operator.button("Older").evaluate((button: HTMLElement) => {
    button.click();
    button.click();
  });
  await expect.poll(ids).toEqual(older);
  await operator.press("Newer");
  await expect.poll(ids).toEqual(newer);
  await operator.press("Older");
  await expect.poll(ids).toEqual(older);
  for (const sessionId of older) await site.admin.closeSession({ sessionId });
  await operator.press("Refresh");
  await operator.page.getByText("No older sessions.").waitFor();
  await operator.press("Newest");
  await expect.poll(ids).toEqual(newer);
});

it("says what was done, also if nothing was left to do", async () => {
  const person = await site.enter(subject);
  await operator.open("sessions", `?subject=${subject}`);
  await operator.press(`Close session of ${subject}`);
  await site.admin.closeSession({ sessionId: idOf(person) });
  await operator.press("Close session", operator.dialog);
  await operator.says(`The session of ${subject} was already closed.`);
  expect(await operator.focused()).toBe(`The session of ${subject} was already closed.`);
  await operator.page.getByText("No sessions.").waitFor();

  const { matchId } = await site.match(subject);
  await operator.open("matches");
  await operator.press(`End match ${matchId}`);
  await site.admin.endMatch({ matchId });
  await operator.press("End match", operator.dialog);
  await operator.says(`The match ${matchId} had already ended.`);
  await operator.page.locator(`[data-match="${matchId}"]`).waitFor({ state: "detached" });
});
