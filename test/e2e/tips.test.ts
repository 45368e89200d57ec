import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, it, vi } from "vitest";
import type { LightningNode } from "../support/lightning/node.js";
import { type LightningPair, startPair } from "../support/lightning/pair.js";
import { exposeWebln } from "../support/lightning/webln.js";
import { CallPage } from "./support/call-page.js";
import { launchBrowser } from "./support/chromium.js";
import { ServerProcess } from "./support/server-process.js";
import { PATIENCE_MS } from "../support/patience.js";

let browser: Browser;
let server: ServerProcess;
let nodes: LightningPair;
const people: CallPage[] = [];

beforeAll(async () => {
  browser = await launchBrowser();
  server = await ServerProcess.start({ LIGHTNING_NETWORK: "regtest" });
  nodes = await startPair();
});
afterEach(async () => {
  nodes.bob.release();
  for (const person of people.splice(0)) await person.leaveForGood();
});
afterAll(async () => {
  nodes.close();
  await browser.close();
  await server.close();
});

/** Two pages in a call, with nodes as browser wallets. */
async function meet(first?: LightningNode, second?: LightningNode): Promise<[CallPage, CallPage]> {
  const [one, two] = [await arrive(first), await arrive(second)];
  await one.start();
  await two.start();
  await Promise.all([one.until("connected"), two.until("connected")]);
  return [one, two];
}

async function arrive(node?: LightningNode): Promise<CallPage> {
  const person = await CallPage.arrive(browser, `${server.url}/favicon.svg`);
  people.push(person);
  if (node) await exposeWebln(person.context, node);
  await person.page.goto(server.url);
  return person;
}

it("sends a tip with a comment from one browser wallet to another", async () => {
  const [payer, payee] = await meet(nodes.ann, nodes.bob);
  await payer.at("tip").click();
  await payer.at("tip-500").click();
  await payer.at("tip-comment").fill("for the song");
  await payer.at("tip-send").click();
  await payer.at("tip-news").filter({ hasText: "You tipped 500 sats." }).waitFor();
  await payee.at("tip-news").filter({ hasText: "You received 500 sats: “for the song”" }).waitFor();
  expect(await payer.at("tip-total").innerText()).toBe("↑ 500 sats");
  expect(await payee.at("tip-total").innerText()).toBe("↓ 500 sats");
  expect([...payer.pageErrors, ...payee.pageErrors]).toEqual([]);
});

it("works without a wallet: with a pasted invoice, a QR code and a pasted preimage", async () => {
  const [payer, payee] = await meet();
  await payer.at("tip").click();
  await payer.at("tip-amount").fill("42");
  await payer.at("tip-send").click();
  const invoice = nodes.bob.makeInvoice(42_000, "on a phone");
  await payee.at("tip-answer").filter({ hasText: "Your partner wants to tip you 42 sats" }).waitFor();
  await payee.at("tip-invoice").fill(nodes.bob.makeInvoice(43_000, "too much"));
  await payee.at("tip-accept").click();
  await payee.at("tip-answer").filter({ hasText: "not an invoice for exactly this amount" }).waitFor();
  await payee.at("tip-invoice").fill(invoice);
  await payee.at("tip-accept").click();
  await payer.at("tip-qr").waitFor();
  await payer.at("tip-proof-more").locator("summary").click();
  await payer.at("tip-proof").fill("00".repeat(32));
  await payer.at("tip-confirm").click();
  await payer.at("tip-payment").filter({ hasText: "does not prove this payment" }).waitFor();
  await payer.at("tip-proof").fill(await nodes.ann.pay(invoice));
  await payer.at("tip-confirm").click();
  await payee.at("tip-news").filter({ hasText: "You received 42 sats" }).waitFor();
});

it("lets the partner decline", async () => {
  const [payer, payee] = await meet(nodes.ann);
  await payer.at("tip").click();
  await payer.at("tip-send").click();
  await payee.at("tip-decline").click();
  await payer.at("tip-news").filter({ hasText: "declined 100 sats. Nothing was paid." }).waitFor();
});

it("settles a tip whose tab was closed during the payment", async () => {
  const [payer, payee] = await meet(nodes.ann, nodes.bob);
  nodes.bob.hold();
  await payer.at("tip").click();
  await payer.at("tip-send").click();
  await payer.at("tip-news").filter({ hasText: "on the way" }).waitFor();
  await vi.waitUntil(() => nodes.bob.payments().some(({ state }) => state === "held"), { timeout: PATIENCE_MS });
  await payer.page.close();
  nodes.bob.release();
  const later = await payer.context.newPage();
  await later.goto(server.url);
  await payee.at("tip-news").filter({ hasText: "You received 100 sats" }).waitFor();
});

it("hides tips if the server has none", async () => {
  const without = await ServerProcess.start({ LIGHTNING_NETWORK: "off" });
  try {
    const person = await CallPage.arrive(browser, without.url);
    people.push(person);
    const other = await CallPage.arrive(browser, without.url);
    people.push(other);
    await person.start();
    await other.start();
    await person.until("connected");
    expect(await person.at("tip").count()).toBe(0);
  } finally {
    await without.close();
  }
});
