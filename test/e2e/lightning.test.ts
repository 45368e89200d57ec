import { randomUUID } from "node:crypto";
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, it, vi } from "vitest";
import type { LightningNode } from "../support/lightning/node.js";
import { NostrRelay } from "../support/lightning/nostr-relay.js";
import { type LightningPair, startPair } from "../support/lightning/pair.js";
import { PaymentServiceProcess } from "../support/lightning/payment-service.js";
import { connectWallet } from "../support/lightning/wallet-service.js";
import { freePort } from "../support/ports.js";
import { launchBrowser } from "./support/chromium.js";
import { ServerProcess } from "./support/server-process.js";
import { buildTipPage, TipPageDriver } from "./support/tip-page-driver.js";
import { PATIENCE_MS } from "../support/patience.js";

// Tips between two pages in a call, paid by Lightning nodes and watched by a payment service in a third process.

let browser: Browser;
let script: string;
let server: ServerProcess;
let nodes: LightningPair;
let service: PaymentServiceProcess;
beforeAll(async () => {
  const internalPort = String(await freePort());
  const variables = { LIGHTNING_NETWORK: "regtest", INTERNAL_PORT: internalPort, WIDEN_AFTER_MS: "600000" };
  const limits = { MAX_CONNECTIONS_PER_IP: "100", RATE_LIMIT_MAX_REQUESTS: "10000" };
  [browser, script, server, nodes] = await Promise.all([
    launchBrowser(),
    buildTipPage(),
    ServerProcess.start({ ...variables, ...limits }),
    startPair(),
  ]);
  service = await PaymentServiceProcess.start(`http://127.0.0.1:${internalPort}`);
});
afterAll(async () => {
  await service.close();
  nodes.close();
  await browser.close();
  await server.close();
});
afterEach(async () => {
  nodes.bob.release();
  await Promise.all(browser.contexts().map((context) => context.close()));
});

/** Two pages in a call, each with a wallet. */
async function call(wallets: { ann: LightningNode | string; bob: LightningNode | string } = nodes) {
  const interest = randomUUID().slice(0, 23);
  const ann = await TipPageDriver.arrive(browser, server.url, script, wallets.ann);
  const bob = await TipPageDriver.arrive(browser, server.url, script, wallets.bob);
  await bob.start(interest);
  await ann.start(interest);
  await Promise.all([ann.connected(), bob.connected()]);
  return { ann, bob };
}

/** Both pages and the payment service received a settled tip, once each. */
async function settledOnce(id: string, ...people: TipPageDriver[]): Promise<void> {
  for (const person of people) await person.untilReceived(id, "settled");
  const booked = (await service.booked([id])).filter(({ tipId }) => tipId === id);
  expect(booked).toHaveLength(1);
  for (const person of people) expect((await person.settled()).filter((one) => one === id)).toHaveLength(1);
}

/** Waits until a payment has arrived and is neither claimed nor canceled. */
async function held(node: LightningNode): Promise<void> {
  await vi.waitUntil(() => node.payments().some(({ state }) => state === "held"), {
    timeout: PATIENCE_MS,
    interval: 5,
  });
}

it("tips of several amounts in both directions are paid by browser wallets and settled", async () => {
  const { ann, bob } = await call();
  for (const amountMsat of [1_000, 21_000, 1_000_000]) {
    await settledOnce(await ann.tip(amountMsat), ann, bob);
    await settledOnce(await bob.tip(amountMsat), ann, bob);
  }
});

it("tips to the millisatoshi are paid by wallets over Nostr Wallet Connect", async () => {
  vi.spyOn(console, "info").mockReturnValue(); // the wallets log their connections
  const relay = await NostrRelay.start();
  const wallets = [await connectWallet(relay, nodes.ann), await connectWallet(relay, nodes.bob)];
  const [annUrl = "", bobUrl = ""] = wallets.map(({ url }) => url);
  const { ann, bob } = await call({ ann: annUrl, bob: bobUrl });
  await settledOnce(await ann.tip(21_001), ann, bob);
  for (const wallet of wallets) wallet.close();
  await relay.close();
  vi.restoreAllMocks();
});

it("a tip under way when the partner presses Next still settles", async () => {
  const { ann, bob } = await call();
  nodes.bob.hold();
  const id = await ann.tip(5_000);
  await held(nodes.bob);
  await bob.next();
  await ann.page.waitForFunction(() => window.page.client.state.activity.phase !== "matched");
  nodes.bob.release();
  await settledOnce(id, ann, bob);
  expect(await ann.statesOf(id)).not.toContain("cancelled");
});

it("a tip whose tab was closed during the payment is confirmed by the next tab", async () => {
  const { ann, bob } = await call();
  nodes.bob.hold();
  const id = await ann.tip(6_000);
  await held(nodes.bob);
  await ann.page.close();
  nodes.bob.release();
  await (await ann.reopen()).untilReceived(id, "settled");
  await bob.untilReceived(id, "settled");
  await service.booked([id]);
});

it("a second tab of the payer agrees with the first, and its wallet is asked nothing", async () => {
  const { ann, bob } = await call();
  nodes.bob.hold();
  const id = await ann.tip(7_000);
  await held(nodes.bob);
  const second = await ann.reopen();
  await second.page.evaluate(() => window.page.client.setWallet(null));
  nodes.bob.release();
  for (const person of [ann, bob, second]) await person.untilReceived(id, "settled");
  expect(await second.statesOf(id)).not.toContain("expired");
  await second.page.evaluate(() => window.page.useWallet());
  await second.page.evaluate((one) => window.page.client.payTip(one), id);
  const paid = nodes.bob.payments().filter(({ amountMsat }) => amountMsat === 7_000);
  expect(paid).toHaveLength(1);
});

it("streamed tips arrive for ten minutes, and end with the budget", async () => {
  const { ann, bob } = await call();
  for (const { page } of [ann, bob]) await page.clock.install();
  const msatPerMinute = 6_000;
  const budgetMsat = 10 * msatPerMinute;
  await ann.page.evaluate(
    (options) => {
      window.sats = window.page.client.streamSats(options);
    },
    { msatPerMinute, budgetMsat },
  );
  for (let given = 0; given < budgetMsat; given = await bob.settledMsat()) {
    for (const { page } of [ann, bob]) await page.clock.fastForward(10_000); // in addition to real time
    await expect.poll(() => bob.settledMsat(), { timeout: PATIENCE_MS, interval: 10 }).toBeGreaterThan(given);
    await expect.poll(() => ann.settledMsat(), { timeout: PATIENCE_MS, interval: 10 }).toBe(await bob.settledMsat());
  }
  expect(await bob.settledMsat()).toBe(budgetMsat);
  expect(await ann.page.evaluate(() => window.sats?.ended)).toBe("budget");
  const settled = await bob.settled();
  expect(new Set(settled).size).toBe(settled.length);
  expect(settled.length).toBeGreaterThan(30);
});
