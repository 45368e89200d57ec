import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { roomy } from "../support/pair.js";
import { CallPage } from "./support/call-page.js";
import { launchBrowser } from "./support/chromium.js";
import { launchFirefox } from "./support/firefox.js";
import { ServerProcess } from "./support/server-process.js";
import { TurnServer } from "./support/turn-server.js";

let browsers: { firefox: Browser; chromium: Browser };
let turn: TurnServer;
let server: ServerProcess;
beforeAll(async () => {
  const [firefox, chromium] = await Promise.all([launchFirefox(), launchBrowser()]);
  browsers = { firefox, chromium };
  turn = await TurnServer.start();
  server = await ServerProcess.start({ ...roomy, LIGHTNING_NETWORK: "regtest" });
});
afterAll(async () => {
  await Promise.all([browsers.firefox.close(), browsers.chromium.close()]);
  await server.close();
  await turn.close();
});

let people: CallPage[] = [];
afterEach(async () => {
  const errors = people.flatMap(({ pageErrors }) => pageErrors);
  await Promise.all(people.map((person) => person.leaveForGood()));
  people = [];
  expect(errors).toEqual([]);
});

type Name = keyof typeof browsers;

/** Two pages in a call. The first waits and answers; the second seeks, so that its offer travels with its `Match`. */
async function call(waits: Name, seeks: Name, url = server.url): Promise<[CallPage, CallPage]> {
  const waiter = await CallPage.arrive(browsers[waits], url);
  people.push(waiter);
  await waiter.startFirst();
  const seeker = await CallPage.arrive(browsers[seeks], url);
  people.push(seeker);
  await seeker.start();
  await Promise.all([waiter.seesPartner(), seeker.seesPartner()]);
  return [waiter, seeker];
}

const roles = [
  ["offers to Chromium", "chromium", "firefox"],
  ["answers Chromium", "firefox", "chromium"],
  ["calls Firefox", "firefox", "firefox"],
] as const;

describe.each(roles)("Firefox that %s", (_, waits, seeks) => {
  it("sees, chats, and resumes the call after each side was reloaded", async () => {
    const [waiter, seeker] = await call(waits, seeks);
    await waiter.at("chat-input").fill("Hello");
    await waiter.at("chat-send").click();
    await seeker.at("chat-log").getByText("Hello").waitFor();
    const sessions = await Promise.all([waiter.sessionId(), seeker.sessionId()]);
    for (const person of [waiter, seeker]) {
      await person.page.reload();
      await Promise.all([waiter.seesPartner(), seeker.seesPartner()]);
    }
    expect(await Promise.all([waiter.sessionId(), seeker.sessionId()])).toEqual(sessions);
  });
});

it("meets the next person in Firefox", async () => {
  const [firefox] = await call("firefox", "chromium");
  const third = await CallPage.arrive(browsers.chromium, server.url);
  people.push(third);
  await third.start();
  await firefox.next();
  await Promise.all([firefox.seesPartner(), third.seesPartner()]);
});

it.each(roles.slice(0, 2))("relays a call of Firefox that %s", async (_, waits, seeks) => {
  const relaying = await ServerProcess.start({ ...roomy, ...turn.variables, ICE_POLICY: "relay" });
  try {
    const pair = await call(waits, seeks, relaying.url);
    for (const person of pair) await expect.poll(() => person.selectedPair()).toEqual(["relay", "relay"]);
  } finally {
    await relaying.close();
  }
});

it("goes on with the call while the server is killed, and finds the next person once it is back", async () => {
  const own = await ServerProcess.start({ ...roomy });
  try {
    const [firefox, chromium] = await call("firefox", "chromium", own.url);
    await own.stop("SIGKILL");
    await firefox.untilStatus("Can't reach the server");
    await Promise.all([firefox.seesFrames(10), chromium.seesFrames(10)]);
    await own.start();
    await Promise.all([firefox.untilConnection("online"), chromium.untilConnection("online")]);
    await Promise.all([firefox.seesFrames(10), chromium.seesFrames(10)]);
    const third = await CallPage.arrive(browsers.chromium, own.url);
    people.push(third);
    await third.startFirst();
    await firefox.next();
    await Promise.all([firefox.seesPartner(), third.seesPartner()]);
  } finally {
    await own.close();
  }
});

it("offers a tip from the dialog in Firefox, and learns that it was declined", async () => {
  const [firefox, chromium] = await call("firefox", "chromium");
  await firefox.at("tip").click();
  await firefox.at("tip-amount").fill("42");
  await firefox.at("tip-comment").fill("for the song");
  await firefox.at("tip-send").click();
  await expect.poll(() => firefox.page.locator("dialog[open]").count()).toBe(0);
  await chromium.at("tip-answer").filter({ hasText: "tip you 42 sats: “for the song”" }).waitFor();
  await chromium.at("tip-decline").click();
  await firefox.at("tip-news").filter({ hasText: "declined 42 sats. Nothing was paid." }).waitFor();
});
