import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { type Choice, CallPage } from "./support/call-page.js";
import { launchChromium } from "./support/chromium.js";
import { ServerProcess } from "./support/server-process.js";

let browser: Browser;
let server: ServerProcess;
let people: CallPage[] = [];

beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser.close());
beforeEach(async () => {
  server = await ServerProcess.start({ MAX_DISCONNECTION_DURATION_MS: "15000", MAX_CONNECTIONS_PER_IP: "100" });
});
afterEach(async () => {
  const errors = people.flatMap((person) => person.pageErrors);
  await Promise.all(people.map((person) => person.leaveForGood()));
  people = [];
  await server.close();
  expect(errors).toEqual([]);
});

async function arrive(choice?: Choice): Promise<CallPage> {
  const person = await CallPage.arrive(browser, server.url, choice);
  people.push(person);
  return person;
}

/** Two pages in a call, each with the other's video. */
async function call(): Promise<[CallPage, CallPage]> {
  const [ann, bob] = [await arrive(), await arrive()];
  await ann.startFirst();
  await bob.start();
  await Promise.all([ann.seesPartner(), bob.seesPartner()]);
  return [ann, bob];
}

it("connects two strangers with video", async () => {
  const [ann, bob] = await call();
  await ann.untilStatus("Connected");
  await bob.untilStatus("Connected");
});

it("delivers chat messages", async () => {
  const [ann, bob] = await call();
  await ann.page.keyboard.press("c");
  if (!(await ann.at("chat-input").isVisible())) await ann.at("tab-chat").click();
  await ann.at("chat-input").fill("Hello <b>Bob</b>");
  await ann.page.keyboard.press("Enter");
  await bob.at("chat-log").getByText("Hello <b>Bob</b>").waitFor();
});

it("finds the next partner and notifies the old one", async () => {
  const [ann, bob] = await call();
  const cyd = await arrive();
  await cyd.startFirst();
  await ann.next();
  await Promise.all([ann.seesPartner(), cyd.seesPartner()]);
  await bob.untilStatus("Your partner moved on.");
  await bob.until("waiting");
});

it("requeues a page whose partner's tab was closed, after the reconnect window", async () => {
  const [ann, bob] = await call();
  await ann.page.close({ runBeforeUnload: false });
  await bob.untilStatus("reconnecting");
  await bob.untilStatus("Your partner's connection was lost.");
  await bob.until("waiting");
  const cyd = await arrive();
  await cyd.start();
  await Promise.all([bob.seesPartner(), cyd.seesPartner()]);
});

it("resumes the same session and the call after a reload", async () => {
  const [ann, bob] = await call();
  const before = await ann.sessionId();
  await ann.page.reload();
  await Promise.all([ann.seesPartner(), bob.seesPartner()]);
  expect(await ann.sessionId()).toBe(before);
});

it("never pairs two pages without a shared language", async () => {
  const [deutsch, english] = [await arrive({ languages: ["de"] }), await arrive({ languages: ["en"] })];
  await deutsch.startFirst();
  await english.start();
  await deutsch.untilStatus("2 people are waiting");
  const anyone = await arrive();
  await anyone.start();
  await Promise.all([deutsch.seesPartner(), anyone.seesPartner()]);
  expect(await english.phase()).toBe("waiting");
});

it("ends the match with a report, and never pairs the two again", async () => {
  const [ann, bob] = await call();
  await ann.at("report").click();
  await ann.at("reason-spam").check();
  await ann.at("report-comment").fill("Sells things.");
  await ann.at("report-send").click();
  await ann.at("report-sent").waitFor();
  await ann.page.keyboard.press("Escape");
  await bob.untilStatus("Your partner said goodbye.");
  await bob.until("waiting");
  await ann.startFirst();
  await ann.untilStatus("2 people are waiting");
  expect([await ann.phase(), await bob.phase()]).toEqual(["waiting", "waiting"]);
});
