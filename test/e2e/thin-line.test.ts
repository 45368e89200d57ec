import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { CallPage } from "./support/call-page.js";
import { launchBrowser } from "./support/chromium.js";
import { ServerProcess } from "./support/server-process.js";
import { ThinLine } from "./support/thin-line.js";
import { RELAY_ADDRESS, TurnServer } from "./support/turn-server.js";
import { PATIENCE_MS } from "../support/patience.js";

const patience = { timeout: PATIENCE_MS };

let browser: Browser;
let turn: TurnServer;
let line: ThinLine;
let server: ServerProcess | undefined;
const people: CallPage[] = [];
beforeAll(async () => {
  [browser, turn] = await Promise.all([launchBrowser(), TurnServer.start()]);
  line = await ThinLine.to(RELAY_ADDRESS, Number(/:(\d+)\?/.exec(turn.url)?.[1]));
});
afterEach(async () => {
  for (const person of people.splice(0)) await person.leaveForGood();
  await server?.close();
});
afterAll(async () => {
  line.close();
  await Promise.all([browser.close(), turn.close()]);
});

/** Two pages in a relayed call over the line. */
async function call(variables: Record<string, string> = {}): Promise<[CallPage, CallPage]> {
  const urls = `turn:${RELAY_ADDRESS}:${String(line.port)}?transport=udp`;
  const relayed = { ...turn.variables, TURN_URLS: urls, ICE_POLICY: "relay", MAX_CONNECTIONS_PER_IP: "100" };
  server = await ServerProcess.start({ ...relayed, ...variables });
  people.push(await CallPage.arrive(browser, server.url), await CallPage.arrive(browser, server.url));
  const [ann, bob] = people as [CallPage, CallPage];
  await ann.startFirst();
  await bob.start();
  await Promise.all([ann.seesPartner(), bob.seesPartner()]);
  return [ann, bob];
}

/** What the page has sent and received so far. */
function media(person: CallPage) {
  return person.page.evaluate(async () => {
    const running = window.connections.find((one) => one.connectionState === "connected");
    const report = await running?.getStats();
    const entries = [...(report as unknown as Map<string, Record<string, number | string>>).values()];
    const find = (type: string, kind: string) => entries.find((one) => one.type === type && one.kind === kind);
    const [, picture] = running?.getSenders().map((sender) => sender.getParameters().encodings[0]) ?? [];
    return {
      framesSent: Number(find("outbound-rtp", "video")?.framesSent ?? 0),
      soundReceived: Number(find("inbound-rtp", "audio")?.packetsReceived ?? 0),
      soundLost: Number(find("inbound-rtp", "audio")?.packetsLost ?? 0),
      maxBitrate: picture?.maxBitrate,
      soundPriority: running?.getSenders()[0]?.getParameters().encodings[0]?.networkPriority,
    };
  });
}

it("pauses the picture for the sound when the line gets thin, says so on both sides, and comes back", async () => {
  const [ann, bob] = await call();
  await expect.poll(async () => (await media(ann)).soundPriority, patience).toBe("high");
  line.bitsPerSecond = 70_000;
  for (const person of [ann, bob]) {
    await expect.poll(() => person.at("line-note").getAttribute("data-picture"), patience).toBe("paused");
    await expect.poll(() => person.at("line-note").getAttribute("data-level"), patience).toBe("poor");
    await expect.poll(() => person.at("line-note").innerText(), patience).toContain("picture is paused");
  }
  const before = await media(ann);
  await expect.poll(async () => (await media(ann)).soundReceived, patience).toBeGreaterThan(before.soundReceived + 100);
  line.bitsPerSecond = Infinity;
  for (const person of [ann, bob]) {
    await expect.poll(() => person.at("line-note").getAttribute("data-picture"), patience).toBe("full");
    await expect.poll(() => person.at("line-note").getAttribute("data-partner-picture"), patience).toBe("full");
    await person.seesFrames(5);
  }
});

it("keeps to the server's limit for relayed calls", async () => {
  line.bitsPerSecond = Infinity;
  const [ann, bob] = await call({ RELAY_MAX_BITRATE_KBPS: "400" });
  for (const person of [ann, bob])
    await expect.poll(async () => (await media(person)).maxBitrate, patience).toBe(350_000);
});
