import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { appSecret, identityToken } from "../support/app-keys.js";
import { pair, roomy } from "../support/pair.js";
import { freePort } from "../support/ports.js";
import { TestClient, transportTo } from "../support/test-client.js";
import { violationsOn } from "./support/axe.js";
import { launchBrowser } from "./support/call-page.js";
import { overlaps } from "./support/layout.js";
import { ServerProcess } from "./support/server-process.js";

/** Accepts webhooks at all its paths but one. */
function receiver(): Promise<Server> {
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(request.url === "/broken" ? 503 : 204).end();
  });
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}

/** Names that would do harm, or pass for `ann`, if they were more than text. */
const HOSTILE = ['<img src="x" onerror="window.isHarmed = true">', "a\u200bnn", "\u202enna"];

let [browser, server, hooks, url]: [Browser, ServerProcess, Server, string] = [] as never;
let page: Page;
let complaints: string[];
const people: TestClient[] = [];
beforeAll(async () => {
  browser = await launchBrowser();
  hooks = await receiver();
  const [internalPort, port] = [String(await freePort()), String((hooks.address() as AddressInfo).port)];
  url = `http://localhost:${internalPort}`;
  server = await ServerProcess.start({
    ...{ ...roomy, INTERNAL_PORT: internalPort, IDENTITY_SECRET: appSecret },
    WEBHOOK_SECRET: `whsec_${Buffer.alloc(32, 7).toString("base64")}`,
    WEBHOOK_URLS: `http://127.0.0.1:${port}/,http://localhost:${port}/broken`,
  });
  for (const sub of HOSTILE) people.push(await enter(sub));
  const { offerer, answerer } = await pair(transportTo(server.url));
  people.push(offerer, answerer);
});
afterAll(async () => {
  await browser.close();
  await Promise.all(people.map((person) => person.break()));
  await server.close();
  hooks.closeAllConnections();
  hooks.close();
});
beforeEach(async () => {
  page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  page.setDefaultTimeout(60_000);
  complaints = []; // includes those of the Content Security Policy
  page.on("console", (message) => complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(String(error)));
});
afterEach(() => page.close());

const enter = async (sub: string) =>
  TestClient.open(transportTo(server.url), { identityToken: await identityToken({ sub }) });
const press = (name: string) => page.getByRole("button", { name, exact: true }).click();
const rows = () => page.locator("tbody tr");

/** Opens a view, once it shows something. */
async function open(view: string, filter = ""): Promise<void> {
  await page.goto(`${url}/#/${view}${filter}`);
  await page.getByRole("heading", { level: 1, name: view }).waitFor();
  const shown = view === "status" ? '[data-figure="sessionCount"]:text-matches("^[0-9]")' : "tbody tr, .none";
  await page.locator(shown).filter({ hasNotText: "Loading" }).first().waitFor();
}

async function banByHand(who: string, kind: "subject" | "key" = "subject"): Promise<void> {
  const form = page.getByRole("form", { name: "New ban" });
  await form.getByRole("combobox", { name: "Who" }).selectOption(kind);
  await form.getByRole("textbox", { name: "Subject or key" }).fill(who);
  await form.getByRole("textbox", { name: "Reason" }).fill(HOSTILE[0] ?? "");
  await form.getByRole("button", { name: "Ban" }).click();
}

describe.each([
  ["light", 1280],
  ["dark", 1280],
  ["light", 900],
  ["dark", 900],
  ["light", 390],
] as const)("in %s colors on a page of %i pixels", (colorScheme, width) => {
  it("axe finds nothing, nothing is covered, and nothing is cut off", async () => {
    await page.setViewportSize({ width, height: 1000 });
    await page.emulateMedia({ colorScheme });
    await open("bans");
    await banByHand("eve");
    await rows().first().waitFor();
    for (const view of ["status", "sessions", "matches", "bans", "webhooks"]) {
      await open(view);
      expect(await violationsOn({ page }), view).toEqual([]);
      expect(await overlaps(page), view).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth), view).toBeLessThanOrEqual(width);
      if (width >= 900) expect(await page.evaluate(cutOff), view).toEqual([]);
    }
    await open("sessions");
    await page.getByRole("button", { name: /^Ban / }).first().click();
    await page.getByRole("dialog").waitFor();
    expect(await violationsOn({ page }), "the form of a ban").toEqual([]);
    expect(complaints).toEqual([]);
  });
});

/** The lists that must be scrolled sideways. */
function cutOff(): string[] {
  const lists = [...document.querySelectorAll(".list")];
  return lists.filter((list) => list.scrollWidth > list.clientWidth).map((list) => list.textContent);
}

it("shows what others wrote as text, and spells out what could not be seen", async () => {
  await open("sessions");
  const names = await rows().locator("th bdi").allTextContents();
  expect(names.sort()).toEqual([HOSTILE[0], "a\\u{200b}nn", "\\u{202e}nna"].sort());
  const subject = '<b id="bold">bold</b>';
  const banned = await enter(subject);
  await open("bans");
  await banByHand(subject);
  await banned.ended;
  const ban = rows().filter({ hasText: subject });
  await expect.poll(() => ban.locator("bdi").allTextContents()).toEqual([subject, HOSTILE[0]]);
  expect(await page.locator("main img, #bold").count()).toBe(0);
  expect(await page.evaluate(() => "isHarmed" in window)).toBe(false);
  expect(complaints).toEqual([]);
});

it("is used with the keyboard: views, and dialogs that give the focus back", async () => {
  await open("sessions");
  await page.getByRole("link", { name: "Matches" }).press("Enter");
  await page.getByRole("heading", { name: "Matches" }).waitFor();
  expect(await page.title()).toBe("Satoshigle matches");
  expect(await page.evaluate(() => document.activeElement?.tagName)).toBe("MAIN");
  expect(await page.locator("nav [aria-current=page]").allTextContents()).toEqual(["Matches"]);
  const button = page.getByRole("button", { name: /^End match/ });
  await button.press("Enter");
  await page.getByRole("dialog", { name: "End this match?" }).waitFor();
  const focused = () => page.evaluate(() => document.activeElement?.textContent);
  expect(await focused()).toBe("Cancel");
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  expect(await focused()).toBe("End match");
  await page.goBack();
  await page.getByRole("heading", { name: "Sessions" }).waitFor();
});

it("filters sessions and matches, and keeps the filter in its address", async () => {
  await open("sessions");
  await page.getByRole("combobox", { name: "State" }).selectOption("In a match");
  await press("Show");
  await page.getByRole("link", { name: "All sessions" }).waitFor();
  await expect.poll(() => rows().count()).toBe(2);
  await page.reload();
  await expect.poll(() => rows().count()).toBe(2);
  await rows().first().getByRole("link").last().click(); // its network, which is that of all
  await expect.poll(() => rows().count()).toBe(people.length);

  await open("matches", "?call=unanswered");
  await expect.poll(() => rows().count()).toBe(1);
  await page.getByRole("spinbutton", { name: "Minutes at least" }).fill("60");
  await press("Show");
  await page.getByText("No matches.").waitFor();
});

it("shows long lists in pages", async () => {
  const crowd: TestClient[] = [];
  for (let index = 0; index < 55; index++) crowd.push(await TestClient.open(transportTo(server.url)));
  const total = crowd.length + people.length;
  await open("sessions");
  await expect.poll(() => rows().count()).toBe(50);
  const newest = await rows().first().getAttribute("data-session");
  expect(newest).toBe(crowd.at(-1)?.welcome.sessionId);
  await press("Older");
  await expect.poll(() => rows().count()).toBe(total - 50);
  expect(await page.getByRole("button", { name: "Older" }).isDisabled()).toBe(true);
  await press("Newer");
  await expect.poll(() => rows().count()).toBe(50);
  expect(await rows().first().getAttribute("data-session")).toBe(newest);
  await Promise.all(crowd.map(({ welcome }) => closeSession(welcome.sessionId)));
  await press("Refresh");
  await expect.poll(() => rows().count()).toBe(people.length);
  await Promise.all(crowd.map((person) => person.ended));
});

/** Closes a session as an operator elsewhere does. */
async function closeSession(sessionId: string): Promise<void> {
  const headers = { "content-type": "application/json" };
  const body = JSON.stringify({ sessionId });
  await fetch(`${url}/satoshigle.internal.v1.AdminService/CloseSession`, { method: "POST", headers, body });
}

it("says what was done, also if nothing was left to do", async () => {
  const person = await TestClient.open(transportTo(server.url));
  const { sessionId } = person.welcome;
  await open("sessions");
  await page.getByRole("button", { name: `Close session of ${sessionId}` }).click();
  await closeSession(sessionId);
  await press("Close session");
  const notice = page.getByText(`The session of ${sessionId} was already closed.`);
  await notice.waitFor();
  expect(await notice.evaluate((element) => element === document.activeElement)).toBe(true);
  await page.locator(`[data-session="${sessionId}"]`).waitFor({ state: "detached" });
});

it("bans by hand, doubts a subject that is not stored, and says why a ban is refused", async () => {
  await open("bans");
  await banByHand("nobody");
  await page.getByText("No person with this subject is stored: check it.").waitFor();
  await banByHand("Zr8lxq98xMeGjLjxqAqRpw", "key");
  const ban = page.locator('[data-ban="Zr8lxq98xMeGjLjxqAqRpw"]');
  await ban.waitFor();
  expect(await ban.innerText()).toMatch(/network[^]*an operator[^]*in 7 days/);
  await banByHand("not a key", "key");
  await page.getByRole("alert").filter({ hasText: "The server refused the request: address_key" }).waitFor();
  await page.getByRole("spinbutton", { name: "Duration" }).fill("3651");
  await page.getByRole("form", { name: "New ban" }).getByRole("button", { name: "Ban" }).click();
  await page.getByRole("alert").filter({ hasText: "from one minute to ten years" }).waitFor();
  await press("Unban the network Zr8lxq98xMeGjLjxqAqRpw");
  await page.getByRole("dialog").getByRole("button", { name: "Unban" }).click();
  await ban.waitFor({ state: "detached" });
});

it("shows which receivers of webhooks fail, and since when", async () => {
  await open("webhooks");
  const [failing, good] = [rows().filter({ hasText: "localhost" }), rows().filter({ hasText: "127.0.0.1" })];
  await failing.getByText("status 503").waitFor();
  expect(await rows().first().innerText()).toContain("Failing");
  expect(await failing.innerText()).toMatch(/failures?, the first .* ago/);
  expect(await failing.locator("time").count()).toBe(3); // failing since, next attempt, oldest event
  await good.getByText("Delivering").waitFor();
  await good.locator("time").first().waitFor();
  expect(await page.locator("main").innerText()).not.toContain("broken");
  await open("status");
  await page.locator('[data-figure="webhooks"]', { hasText: "1" }).waitFor();
});

it("says that the server is away, keeps what it has shown, and loads it again", async () => {
  await open("matches");
  const count = await rows().count();
  await page.context().setOffline(true);
  await press("Refresh");
  await page.getByRole("alert").filter({ hasText: "This server is unreachable." }).waitFor();
  expect(await rows().count()).toBe(count);
  await page.getByRole("button", { name: /^End match/ }).click();
  await page.getByRole("dialog").getByRole("button", { name: "End match" }).click();
  await page.getByRole("dialog").getByRole("alert").filter({ hasText: "This server is unreachable." }).waitFor();
  await page.keyboard.press("Escape");
  await page.context().setOffline(false);
  await press("Refresh");
  await page.getByRole("alert").waitFor({ state: "detached" });
});
