import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { violationsOn } from "./support/axe.js";
import { CallPage, type Choice } from "./support/call-page.js";
import { launchBrowser } from "./support/chromium.js";
import { ServerProcess } from "./support/server-process.js";

const FILE = `
attributes:
  - { name: interests, gives_way_after_seconds: 5 }
  - name: languages
  - name: mode
  - { name: level, values: [beginner, native], shared: true }
  - { name: country, gives_way_after_seconds: 1 }
`;

let browser: Browser;
let server: ServerProcess;
let folder: string;
let people: CallPage[] = [];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "satoshigle-page-"));
  const path = join(folder, "matching.yaml");
  await writeFile(path, FILE);
  browser = await launchBrowser();
  server = await ServerProcess.start({ MATCHING_FILE: path, MAX_CONNECTIONS_PER_IP: "100" });
});
afterAll(async () => {
  await browser.close();
  await server.close();
  await rm(folder, { recursive: true });
});
afterEach(async () => {
  const errors = people.flatMap(({ pageErrors }) => pageErrors);
  await Promise.all(people.map((person) => person.leaveForGood()));
  people = [];
  expect(errors).toEqual([]);
});

async function arrive(choice: Choice = {}): Promise<CallPage> {
  const person = await CallPage.arrive(browser, server.url, choice);
  people.push(person);
  return person;
}

/** Chooses while waiting, and waits until the server knows. */
async function choose(person: CallPage, ...testIds: string[]): Promise<void> {
  const answered = person.page.waitForResponse((response) => response.url().endsWith("/Match"));
  for (const testId of testIds) await person.at(testId).click();
  await answered;
}

it("shows controls for what the server matches by, and pairs those who fit", async () => {
  const [ann, bob, cyd] = [await arrive(), await arrive({ filters: { mode: ["text"] } }), await arrive()];
  await ann.startFirst();
  await ann.until("waiting");
  await choose(ann, "is-level-beginner", "seeks-level-native");
  expect(await violationsOn(ann)).toEqual([]);
  await bob.startFirst();
  await bob.until("waiting");
  await cyd.startFirst();
  await cyd.until("waiting");
  await cyd.at("is-level-native").click();
  await Promise.all([ann.seesPartner(), cyd.seesPartner()]);
  expect(await bob.phase()).toBe("waiting");
});

it("says which filters gave way", async () => {
  const ann = await arrive({ filters: { level: ["native"] } });
  await ann.start();
  await ann.until("waiting");
  await ann.at("seeks-country-more").selectOption({ label: "Germany" });
  await ann.untilStatus("so it no longer counts.");
});

it("says how many fit whom one has just met, and which filters gave way for that", async () => {
  const [ann, bob, cyd] = [
    await arrive({ filters: { country: ["de"] } }),
    await arrive(),
    await arrive({ filters: { level: ["native"] } }),
  ];
  for (const person of [cyd, bob]) await person.startFirst();
  await ann.startFirst(); // until the country no longer counts
  await Promise.all([ann.seesPartner(), bob.seesPartner()]);
  await ann.next();
  await ann.untilStatus("1 person fits whom you have just met.");
  await ann.untilStatus("Nobody fits your choice");
  expect(await cyd.phase()).toBe("waiting");
});

it("says who only writes, and does not pair them with those who want to see somebody", async () => {
  const [ann, bob] = [await arrive(), await arrive({ filters: { mode: ["video"] } })];
  await ann.context.addInitScript(() => {
    navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("denied", "NotAllowedError"));
  });
  await ann.page.reload();
  await ann.start();
  await choose(ann, "remedy-text_only");
  await ann.until("waiting");
  await bob.start();
  await bob.until("waiting");
  await bob.untilStatus("2 people are waiting");
  await bob.at("seeks-mode-video").click();
  await bob.untilStatus("Your partner only writes.");
});
