import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { roomy } from "../support/pair.js";
import { PATIENCE_MS } from "../support/patience.js";
import { violationsOn } from "./support/axe.js";
import { CallPage } from "./support/call-page.js";
import { launchBrowser } from "./support/chromium.js";
import { EvidenceServer } from "./support/evidence-server.js";

let browser: Browser;
let server: EvidenceServer;
let people: CallPage[] = [];
beforeAll(async () => {
  browser = await launchBrowser();
  server = await EvidenceServer.start(roomy);
});
afterAll(async () => {
  await browser.close();
  await server.process.close();
});
afterEach(async () => {
  const errors = people.flatMap(({ pageErrors }) => pageErrors);
  await Promise.all(people.map((person) => person.leaveForGood()));
  people = [];
  expect(errors).toEqual([]);
});

async function arrive(at: EvidenceServer, locale?: string): Promise<CallPage> {
  const person = await CallPage.arrive(browser, at.process.url, {}, locale);
  people.push(person);
  await person.page.emulateMedia({ reducedMotion: "reduce" });
  return person;
}

/** Two people in a call; the page of the first has learned what reports may contain. */
async function call(at: EvidenceServer, locale?: string): Promise<[CallPage, CallPage]> {
  const [ann, bob] = [await arrive(at, locale), await arrive(at)];
  const learned = ann.page.waitForResponse((response) => response.url().endsWith("/GetEvidencePolicy"));
  await ann.startFirst();
  await learned;
  await bob.start();
  await Promise.all([ann.seesPartner(), bob.seesPartner()]);
  return [ann, bob];
}

async function write(from: CallPage, to: CallPage, text: string): Promise<void> {
  await from.at("chat-input").fill(text);
  await from.page.keyboard.press("Enter");
  await to.at("chat-log").getByText(text).waitFor();
}

/** Begins to report once so many pictures have been taken. */
async function beginReport(ann: CallPage, frameCount: number): Promise<void> {
  const untilMs = Date.now() + PATIENCE_MS;
  while (Date.now() < untilMs) {
    await ann.at("report").click();
    await ann.at("reason-harassment").check();
    await ann.at("evidence").waitFor();
    if ((await ann.at("evidence-frame").count()) >= frameCount) return;
    await ann.page.keyboard.press("Escape");
  }
  throw new Error("there are too few pictures");
}

/** The picture beside a checkbox, in base64. */
async function pictureAt(ann: CallPage, index: number): Promise<string | undefined> {
  const image = ann.at("report-dialog").getByRole("img").nth(index);
  return (await image.getAttribute("src"))?.split(",")[1];
}

it("says before a chat what may be attached, and attaches what the reporter chose with the keyboard and nothing else", async () => {
  const ann = await arrive(server);
  await ann.startFirst();
  await ann.at("evidence-note").getByText("the last 50 lines of your chat and pictures of your video").waitFor();
  const bob = await arrive(server);
  await bob.start();
  await Promise.all([ann.seesPartner(), bob.seesPartner()]);
  await ann.at("chat-log").getByText("stored only if one of you attaches them").waitFor();
  await write(bob, ann, "give me your address");
  await write(ann, bob, "no");

  await beginReport(ann, 2);
  await ann.at("evidence").getByText("deleted after 30 days").waitFor();
  expect(await ann.at("evidence").locator("input:checked").count()).toBe(0);
  expect(await ann.at("report-dialog").locator(".evidence-lines p").allTextContents()).toEqual([
    ...["Partner: give me your address", "You: no"],
  ]);
  expect(await violationsOn(ann)).toEqual([]);
  await write(bob, ann, "said later");
  await ann.at("evidence-chat").press("Space");
  for (const key of ["Tab", "Tab", "Tab", "Space"]) await ann.page.keyboard.press(key); // the lines, two pictures
  const chosen = await pictureAt(ann, 1);
  await ann.at("report-send").press("Enter");
  await ann.at("evidence-attached").waitFor();
  await ann.at("report-dialog").locator("button:focus").getByText("Done").waitFor();
  expect(await violationsOn(ann)).toEqual([]);

  const { document, isItsOwn } = await server.open();
  expect(isItsOwn).toBe(true);
  expect(document.lines.map(({ from, text }) => [from, text])).toEqual([
    ["partner", "give me your address"],
    ["me", "no"],
  ]);
  expect(document.frames.map(({ jpeg }) => jpeg)).toEqual([chosen]);
});

it("shows and attaches no pictures for the reason minor, and names the authorities", async () => {
  const [ann, bob] = await call(server);
  await write(bob, ann, "i am at school");
  await beginReport(ann, 1);
  await ann.at("evidence-frame").first().check();
  await ann.at("evidence-chat").check();
  await ann.at("reason-minor").check();
  await ann.at("authorities").getByText("contact the police").waitFor();
  expect(await ann.at("authorities").getByRole("link").getAttribute("href")).toBe("https://inhope.org");
  expect(await ann.at("report-dialog").getByRole("img").count()).toBe(0);
  expect(await ann.at("evidence-frame").count()).toBe(0);
  expect(await violationsOn(ann)).toEqual([]);
  await ann.at("report-send").click();
  await ann.at("evidence-attached").waitFor();
  const { document } = await server.open();
  expect(document.lines.map(({ text }) => text)).toEqual(["i am at school"]);
  expect(document.frames).toEqual([]);
});

it("says that the attachment failed although the report was sent, and attaches it at the next attempt", async () => {
  const [ann, bob] = await call(server);
  await write(bob, ann, "buy this");
  await ann.at("report").click();
  await ann.at("reason-spam").check();
  await ann.at("evidence-chat").check();
  // The server takes the piece, but its answer is lost: another piece would be refused.
  await ann.page.route("**/AttachEvidence", async (route) => {
    await route.fetch();
    await route.abort();
  });
  await ann.at("report-send").click();
  await ann.at("evidence-problem").getByText("Your report was sent, but").waitFor();
  expect(await server.report()).toMatchObject({ comment: "" });
  expect(await violationsOn(ann)).toEqual([]);
  await ann.page.unroute("**/AttachEvidence");
  await ann.at("evidence-again").click();
  await ann.at("evidence-attached").waitFor();
  const { document } = await server.open();
  expect(document.lines.map(({ text }) => text)).toEqual(["buy this"]);
});

it("sends a report without anything if nothing is chosen", async () => {
  const [ann, bob] = await call(server);
  await write(bob, ann, "hello");
  await beginReport(ann, 0);
  await ann.at("report-send").click();
  await ann.at("report-sent").waitFor();
  expect(await ann.at("evidence-attached").count()).toBe(0);
  expect(await server.report()).toMatchObject({ hasEvidence: false });
});

it("has room for it in Arabic, on a phone with dark colors, and axe finds nothing", async () => {
  const [ann, bob] = await call(server, "ar-EG");
  await write(bob, ann, "a line in another direction, which is long enough to need a second row on a phone");
  await ann.page.emulateMedia({ colorScheme: "dark", reducedMotion: "reduce" });
  await beginReport(ann, 1);
  for (const width of [390, 320]) {
    await ann.page.setViewportSize({ width, height: 700 });
    const overflow = await ann.at("report-dialog").evaluate((dialog) => dialog.scrollWidth - dialog.clientWidth);
    expect(overflow).toBeLessThanOrEqual(0);
  }
  expect(await violationsOn(ann)).toEqual([]);
});

it("offers nothing to attach, and announces nothing, on a server without evidence", async () => {
  const off = await EvidenceServer.start({ ...roomy, EVIDENCE: "off", EVIDENCE_RECIPIENTS: "" });
  try {
    const [ann, bob] = await call(off);
    await write(bob, ann, "hello");
    await ann.at("report").click();
    await ann.at("reason-minor").check();
    await ann.at("authorities").waitFor();
    await ann.at("reason-spam").check();
    expect(await ann.at("evidence").count()).toBe(0);
    await ann.at("report-send").click();
    await ann.at("report-sent").waitFor();
    expect(await ann.at("evidence-note").count()).toBe(0);
  } finally {
    await off.process.close();
  }
});
