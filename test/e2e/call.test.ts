import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { type Choice, launchBrowser, Person } from "./support/person.js";
import { ServerProcess } from "./support/server-process.js";

let browser: Browser;
let server: ServerProcess;
let people: Person[] = [];

beforeAll(async () => {
  browser = await launchBrowser();
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

async function arrive(choice?: Choice): Promise<Person> {
  const person = await Person.arrive(browser, server.url, choice);
  people.push(person);
  return person;
}

/** Two people in a call who see each other. */
async function call(): Promise<[Person, Person]> {
  const [ann, bob] = [await arrive(), await arrive()];
  await ann.start();
  await ann.until("waiting");
  await bob.start();
  await Promise.all([ann.seesPartner(), bob.seesPartner()]);
  return [ann, bob];
}

it("shows two strangers to each other", async () => {
  const [ann, bob] = await call();
  await ann.untilTold("Connected");
  await bob.untilTold("Connected");
});

it("carries what they write to each other", async () => {
  const [ann, bob] = await call();
  await ann.page.keyboard.press("c");
  if (!(await ann.at("chat-input").isVisible())) await ann.at("tab-chat").click();
  await ann.at("chat-input").fill("Hello <b>Bob</b>");
  await ann.page.keyboard.press("Enter");
  await bob.at("chat-log").getByText("Hello <b>Bob</b>").waitFor();
});

it("finds the next partner and tells the old one why", async () => {
  const [ann, bob] = await call();
  const cyd = await arrive();
  await cyd.start();
  await cyd.until("waiting");
  await ann.next();
  await Promise.all([ann.seesPartner(), cyd.seesPartner()]);
  await bob.untilTold("Your partner moved on.");
  await bob.until("waiting");
});

it("tells a partner whose tab was closed is lost after the grace, and puts the other back into the queue", async () => {
  const [ann, bob] = await call();
  await ann.page.close({ runBeforeUnload: false });
  await bob.untilTold("reconnecting");
  await bob.untilTold("Your partner's connection was lost.");
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

it("never pairs two who share no language", async () => {
  const [deutsch, english] = [await arrive({ languages: ["de"] }), await arrive({ languages: ["en"] })];
  await deutsch.start();
  await deutsch.until("waiting");
  await english.start();
  await deutsch.untilTold("2 people are waiting");
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
  await bob.untilTold("Your partner said goodbye.");
  await bob.until("waiting");
  await ann.start();
  await ann.until("waiting");
  await ann.untilTold("2 people are waiting");
  expect([await ann.phase(), await bob.phase()]).toEqual(["waiting", "waiting"]);
});
