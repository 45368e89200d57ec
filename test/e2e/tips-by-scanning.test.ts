import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, it, vi } from "vitest";
import { recognize } from "../../src/client/wallets/recognize.js";
import { LnurlServer } from "../support/lightning/lnurl-server.js";
import { NostrRelay } from "../support/lightning/nostr-relay.js";
import { type LightningPair, startPair } from "../support/lightning/pair.js";
import { WalletPage } from "../support/lightning/wallet-page.js";
import { CallPage } from "./support/call-page.js";
import { launchBrowser } from "./support/chromium.js";
import { scan } from "./support/qr-reader.js";
import { ServerProcess } from "./support/server-process.js";

// Tips for people without a wallet in the browser: a lightning address to receive, a phone with another wallet to pay.

let browser: Browser;
let server: ServerProcess;
let nodes: LightningPair;
let service: LnurlServer;
const people: CallPage[] = [];

beforeAll(async () => {
  browser = await launchBrowser();
  server = await ServerProcess.start({ LIGHTNING_NETWORK: "regtest" });
  nodes = await startPair();
  service = await LnurlServer.start(nodes.bob);
});
afterEach(async () => {
  service.reform();
  for (const person of people.splice(0)) await person.leaveForGood();
});
afterAll(async () => {
  await service.close();
  nodes.close();
  await browser.close();
  await server.close();
});

async function meet(): Promise<[CallPage, CallPage]> {
  const arrive = async () => {
    const person = await CallPage.arrive(browser, server.url);
    await person.context.grantPermissions(["camera", "microphone", "local-network-access"]); // the last for loopback
    people.push(person);
    return person;
  };
  const [one, two] = [await arrive(), await arrive()];
  await one.start();
  await two.start();
  await Promise.all([one.until("connected"), two.until("connected")]);
  return [one, two];
}

async function offer(payer: CallPage, satoshis: number): Promise<void> {
  await payer.at("tip").click();
  await payer.at("tip-amount").fill(String(satoshis));
  await payer.at("tip-send").click();
}

/** Opens the choice of wallets. */
async function openWallets(person: CallPage): Promise<void> {
  await person.at("tip").click();
  await person.at("tip-wallet").locator("summary").click();
}

/** Scans the payer's code and pays with a wallet of somebody else. */
async function payByPhone(payer: CallPage): Promise<string> {
  const text = await scan(payer.at("tip-qr"));
  expect(text).toMatch(/^LIGHTNING:LNBCRT[0-9A-Z]+$/);
  const pasted = recognize(text);
  if (pasted.kind !== "invoice") throw new Error("the code has no invoice");
  await nodes.ann.pay(pasted.invoice);
  return pasted.invoice;
}

it("goes from a scanned code to a lightning address, and both see that it arrived, without a proof", async () => {
  const [payer, payee] = await meet();
  await openWallets(payee);
  await payee.at("wallet-address").check();
  await payee.at("wallet-address-text").fill(`lightning:${service.address.toUpperCase()}`);
  await payee.at("wallet-use").click();
  await payee.at("wallet-use").filter({ hasText: "Connected" }).waitFor();
  await payee.page.keyboard.press("Escape");
  await offer(payer, 42);
  await payer.at("tip-qr").waitFor();
  expect(await payer.at("tip-proof").isVisible()).toBe(false);
  const invoice = await payByPhone(payer);
  expect(nodes.bob.payments().find((one) => one.invoice === invoice)).toMatchObject({ amountMsat: 42_000 });
  await payee.at("tip-news").filter({ hasText: "You received 42 sats" }).waitFor();
  await payer.at("tip-news").filter({ hasText: "Your partner says that 42 sats arrived." }).waitFor();
  expect(await payer.at("tip-payment").count()).toBe(0);
  expect([...payer.pageErrors, ...payee.pageErrors]).toEqual([]);
});

it("is answered with an address or an invoice that the payee pastes, and confirmed by the payee", async () => {
  const [payer, payee] = await meet();
  await offer(payer, 21);
  const answer = async (text: string) => {
    await payee.at("tip-invoice").fill(text);
    await payee.at("tip-accept").click();
  };
  await answer("lno1pgx2um5wf5hg6twv9k8xap3xqmrqvpk9ce");
  await payee.at("tip-answer").filter({ hasText: "This is a BOLT 12 offer" }).waitFor();
  service.change("payRequest", { status: "ERROR", reason: "Bob is asleep." });
  await answer(service.address);
  await payee.at("tip-answer").filter({ hasText: "Bob is asleep." }).waitFor();
  service.reform();
  service.change("invoice", { verify: undefined });
  await answer(service.address);
  await payer.at("tip-qr").waitFor();
  await payByPhone(payer);
  await payee.at("tip-arrived").click();
  await payer.at("tip-news").filter({ hasText: "Your partner says that 21 sats arrived." }).waitFor();

  await openWallets(payee);
  await payee.at("wallet-none").check();
  await payee.page.keyboard.press("Escape");
  await offer(payer, 22);
  const invoice = nodes.bob.makeInvoice(22_000, "on a phone");
  await payee.at("tip-answer").waitFor();
  await answer(`bitcoin:?lightning=${invoice.toUpperCase()}`);
  await payer.at("tip-qr").waitFor();
  const preimage = await nodes.ann.pay(invoice);
  await payer.at("tip-proof-more").locator("summary").click();
  await payer.at("tip-proof").fill(preimage);
  await payer.at("tip-confirm").click();
  await payer.at("tip-news").filter({ hasText: "You tipped 22 sats." }).waitFor();
});

it("connects a wallet in its own window with a budget, is told of its money, and disconnects it", async () => {
  const relay = await NostrRelay.start();
  vi.spyOn(console, "info").mockReturnValue(); // the wallet logs its connections
  const walletPage = await WalletPage.start(relay, nodes.bob);
  const [payer, payee] = await meet();
  await openWallets(payee);
  await payee.at("wallet-nwc").check();
  await payee.at("wallet-page").fill(walletPage.url);
  expect(await payee.at("wallet-budget").inputValue()).toBe("5000");
  const opened = payee.context.waitForEvent("page");
  await payee.at("wallet-authorize").click();
  await (await opened).getByText("Agree").click();
  await payee.at("wallet-disconnect").waitFor();
  expect(walletPage.wish.get("max_amount")).toBe("5000000");
  expect(walletPage.wish.get("budget_renewal")).toBe("monthly");
  await payee.page.keyboard.press("Escape");
  await offer(payer, 23);
  await payer.at("tip-qr").waitFor();
  await payByPhone(payer);
  await payer.at("tip-news").filter({ hasText: "Your partner says that 23 sats arrived." }).waitFor();
  await openWallets(payee);
  await payee.at("wallet-disconnect").click();
  await expect.poll(() => payee.at("wallet-none").isChecked()).toBe(true);
  expect(await payee.page.evaluate(() => localStorage.getItem("satoshigle.wallet"))).toBe("none");
  walletPage.close();
  await relay.close();
});
