import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { freePort } from "../support/ports.js";
import { keyOf } from "../rpc/support/networks.js";
import { Operator } from "../rpc/support/operator.js";
import { CallPage } from "./support/call-page.js";
import { launchBrowser } from "./support/chromium.js";
import { ServerProcess } from "./support/server-process.js";
import { TurnServer } from "./support/turn-server.js";
import { PATIENCE_MS } from "../support/patience.js";

const ANN = "203.0.113.7";
const BOB = "198.51.100.8";
const patience = { timeout: PATIENCE_MS };

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

/** Runs in a page before its own code: its connections stay open, whatever the client does. */
function stubbornly(): void {
  window.RTCPeerConnection.prototype.close = () => undefined;
}

/** Bytes of media that a page received over all its connections. */
function received(person: CallPage): Promise<number> {
  return person.page.evaluate(async () => {
    const reports = await Promise.all(window.connections.map((one) => one.getStats()));
    const entries = reports.flatMap((report) => [
      ...(report as unknown as Map<string, Record<string, number | string>>).values(),
    ]);
    const inbound = entries.filter(({ type }) => type === "inbound-rtp");
    return inbound.reduce((sum, { bytesReceived }) => sum + Number(bytesReceived ?? 0), 0);
  });
}

it.each([
  ["the page of the banned is honest", false],
  ["the page of the banned keeps its connections", true],
])("relays nothing more to the banned when %s", async (_, isStubborn) => {
  const turn = await TurnServer.start();
  open.push(turn);
  const internalPort = await freePort();
  const server = await ServerProcess.start({
    ...turn.variables,
    ICE_POLICY: "relay",
    INTERNAL_PORT: String(internalPort),
    TRUST_PROXY: "127.0.0.1",
    MAX_CONNECTIONS_PER_IP: "100",
  });
  const operator = new Operator(internalPort);
  open.push(server, operator);
  const addressKey = await keyOf(server, operator, ANN);
  const [ann, bob] = [await CallPage.arrive(browser, server.url), await CallPage.arrive(browser, server.url)];
  open.push(ann.context, bob.context);
  await ann.context.setExtraHTTPHeaders({ "x-forwarded-for": ANN });
  await bob.context.setExtraHTTPHeaders({ "x-forwarded-for": BOB });
  if (isStubborn) await ann.context.addInitScript(stubbornly);
  for (const person of [ann, bob]) {
    await person.page.reload();
    await person.start();
  }
  await Promise.all([ann.seesPartner(), bob.seesPartner()]);
  // An allocation that a connection was still waiting for when it was closed remains, and relays for no peer.
  const relaying = () => {
    const withPeer = new Set(turn.output.match(/(?<=session )\d+(?=: peer \S+ lifetime updated)/g));
    const ended = new Set(turn.output.match(/(?<=session )\d+(?=: delete:)/g));
    return [...withPeer].filter((session) => !ended.has(session)).length;
  };
  expect(relaying()).toBe(2);

  await operator.call("ban", { addressKey });
  await ann.until("idle");
  await bob.until("waiting");
  if (isStubborn) {
    let before = await received(ann);
    await expect.poll(async () => -before + (before = await received(ann)), { ...patience, interval: 2_000 }).toBe(0);
    expect(relaying()).toBeGreaterThan(0);
  } else {
    await expect.poll(relaying, patience).toBe(0);
  }
});
