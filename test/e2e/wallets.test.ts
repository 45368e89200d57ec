import type { WebLNProvider } from "@webbtc/webln-types";
import { createHash } from "node:crypto";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, it, vi } from "vitest";
import type { LightningNode } from "../support/lightning/node.js";
import { type LightningPair, startPair } from "../support/lightning/pair.js";
import { exposeWebln } from "../support/lightning/webln.js";
import { launchBrowser } from "./support/chromium.js";
import { PATIENCE_MS } from "../support/patience.js";

// The browser wallets of other tests: WebLN backed by a Lightning node.

let browser: Browser;
let nodes: LightningPair;
beforeAll(async () => {
  [browser, nodes] = await Promise.all([launchBrowser(), startPair()]);
});
afterAll(async () => {
  nodes.close();
  await browser.close();
});
afterEach(async () => {
  nodes.bob.release();
  await Promise.all(browser.contexts().map((context) => context.close()));
});

interface WithWallet {
  webln: WebLNProvider;
}

/** A page with this node as its browser wallet. */
async function pageOf(node: LightningNode): Promise<Page> {
  const context = await browser.newContext();
  await exposeWebln(context, node);
  const page = await context.newPage();
  await page.goto("data:text/html,<title>a page</title>");
  return page;
}

function makeInvoice(page: Page, satoshis: number): Promise<string> {
  return page.evaluate(async (amount) => {
    const { webln } = window as unknown as WithWallet;
    await webln.enable();
    return (await webln.makeInvoice({ amount, defaultMemo: "a tip" })).paymentRequest;
  }, satoshis);
}

function pay(page: Page, invoice: string): Promise<string> {
  return page.evaluate(async (text) => {
    const { webln } = window as unknown as WithWallet;
    await webln.enable();
    return (await webln.sendPayment(text)).preimage;
  }, invoice);
}

function lookUp(page: Page, paymentRequest: string): Promise<unknown> {
  return page.evaluate(async (text) => {
    const { webln } = window as unknown as WithWallet;
    await webln.enable();
    return webln.lookupInvoice?.({ paymentRequest: text });
  }, paymentRequest);
}

/** The state of a payment on a node. */
function known(node: LightningNode, invoice: string) {
  return node.payments().find((one) => one.invoice === invoice);
}

it("one page pays another's invoice and receives the preimage", async () => {
  const [payer, payee] = [await pageOf(nodes.ann), await pageOf(nodes.bob)];
  const invoice = await makeInvoice(payee, 21);
  expect(known(nodes.bob, invoice)).toMatchObject({ amountMsat: 21_000, memo: "a tip" });
  const preimage = await pay(payer, invoice);
  const hash = createHash("sha256").update(preimage, "hex").digest("hex");
  expect(hash).toBe(known(nodes.bob, invoice)?.paymentHash);
});

it("a page must enable the wallet before it can read its name", async () => {
  const page = await pageOf(nodes.ann);
  const ask = () => page.evaluate(async () => (await (window as unknown as WithWallet).webln.getInfo()).node.pubkey);
  await expect(ask()).rejects.toThrow("enable");
  await page.evaluate(() => (window as unknown as WithWallet).webln.enable());
  expect(await ask()).toBe(nodes.ann.id);
});

it("a page receives the reason of a failed payment", async () => {
  const page = await pageOf(nodes.ann);
  await expect(pay(page, "lnbcrt1nonsense")).rejects.toThrow("not an invoice");
  await expect(pay(page, nodes.bob.makeInvoice(100_000_000_000))).rejects.toThrow("the payment failed");
});

it("a payment completes although its page was closed, and the next page finds it", async () => {
  const page = await pageOf(nodes.ann);
  nodes.bob.hold();
  const invoice = nodes.bob.makeInvoice(5_000);
  const paying = pay(page, invoice).catch(() => "the page is gone");
  await vi.waitUntil(() => known(nodes.bob, invoice)?.state === "held", { timeout: PATIENCE_MS, interval: 5 });
  await page.context().close();
  expect(await paying).toBe("the page is gone");
  nodes.bob.release();
  await vi.waitUntil(() => known(nodes.ann, invoice)?.state === "settled", { timeout: PATIENCE_MS, interval: 5 });
  const found = await lookUp(await pageOf(nodes.ann), invoice);
  expect(found).toEqual({ paymentRequest: invoice, paid: true, preimage: known(nodes.ann, invoice)?.preimage });
});
