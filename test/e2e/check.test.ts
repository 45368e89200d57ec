import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { CallPage } from "./support/call-page.js";
import { launchBrowser } from "./support/chromium.js";
import { ServerProcess } from "./support/server-process.js";
import { TurnServer } from "./support/turn-server.js";
import { freePort } from "../support/ports.js";

let browser: Browser;
let turn: TurnServer;
beforeAll(async () => {
  [browser, turn] = await Promise.all([launchBrowser(), TurnServer.start()]);
});
afterAll(async () => {
  await browser.close();
  await turn.close();
});

/** Tests the connection on a page of a server with these variables. Returns the verdict, the lines and the counts. */
async function outcomeWith(variables: Record<string, string>) {
  const internalPort = String(await freePort());
  const server = await ServerProcess.start({ ...variables, INTERNAL_PORT: internalPort });
  const person = await CallPage.arrive(browser, server.url);
  const chunks: string[] = [];
  person.page.on("request", (request) => chunks.push(request.url()));
  await person.at("settings").click();
  expect(chunks.filter((url) => url.includes("check"))).toEqual([]);
  await person.at("check-start").click();
  const verdict = await person.at("check-verdict").getAttribute("data-verdict", { timeout: 15_000 });
  const texts = await person.at("check").locator("dl > div").allInnerTexts();
  const lines = texts.map((text) => text.replace(/\s+/g, " "));
  const metrics = async () => (await fetch(`http://127.0.0.1:${internalPort}/metrics`)).text();
  await expect.poll(metrics).toContain('satoshigle_connection_checks_total{part="camera",result="unavailable"} 1');
  const counts = (await metrics()).match(/(?<=^satoshigle_connection_checks_total)\{.* [1-9]\d*$/gm) ?? [];
  const { pageErrors } = person;
  await person.leaveForGood();
  await server.close();
  expect(pageErrors).toEqual([]);
  expect(chunks.some((url) => /assets\/check-.*\.js/.test(url))).toBe(true); // loaded for the test alone
  return { verdict, lines, counts };
}

it("tests the ways of a call on the page, and counts what was found", async () => {
  const stun = turn.url.replace("turn:", "stun:").replace(/\?.*/, "");
  const TURN_URLS = `${turn.url},${turn.url.replace("=udp", "=tcp")}`;
  const { verdict, lines, counts } = await outcomeWith({ ...turn.variables, TURN_URLS, STUN_URLS: stun });
  expect(lines).toEqual([
    expect.stringMatching(/Server It answers in \d+ ms\./),
    expect.stringContaining("Direct calls Your network allows them."),
    expect.stringContaining("Relayed calls They work."),
    expect.stringMatching(/Upload At least [\d.]+ Mbit\/s\./),
  ]);
  expect(["good", "limited"]).toContain(verdict); // a busy machine may have a slow uplink
  expect(counts).toEqual(
    expect.arrayContaining([
      '{part="turn_udp",result="ok"} 1',
      '{part="turn_tcp",result="ok"} 1',
      '{part="turn_tls",result="unavailable"} 1',
      '{part="stun",result="ok"} 1',
      '{part="microphone",result="unavailable"} 1',
    ]),
  );
});

it("says that calls will not connect when neither STUN nor TURN can be reached", async () => {
  const { verdict, lines, counts } = await outcomeWith({
    STUN_URLS: "stun:127.0.0.9:9",
    TURN_URLS: "turn:127.0.0.9:9",
    TURN_SECRET: "north",
  });
  expect(verdict).toBe("bad");
  expect(lines).toContainEqual(expect.stringContaining("Relayed calls The relay cannot be reached."));
  expect(counts).toContain('{part="turn_udp",result="failed"} 1');
});

it("hears the microphone and sees the camera of a page that uses them", async () => {
  const server = await ServerProcess.start();
  const person = await CallPage.arrive(browser, server.url);
  await person.startFirst(); // opens both
  await person.at("settings").click();
  await person.at("check-start").click();
  await person.at("check-verdict").waitFor({ timeout: 15_000 });
  const texts = (await person.at("check").locator("dl > div").allInnerTexts()).map((text) => text.replace(/\s+/g, " "));
  expect(texts).toContainEqual(expect.stringContaining("Microphone It picks up sound."));
  expect(texts).toContainEqual(expect.stringContaining("Camera It sends a picture."));
  await person.leaveForGood();
  await server.close();
});
