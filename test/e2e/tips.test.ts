import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { invoiceOf } from "../support/invoice.js";
import { launchBrowser, Person } from "./support/person.js";
import { ServerProcess } from "./support/server-process.js";

let browser: Browser;
let server: ServerProcess;
const people: Person[] = [];

beforeAll(async () => {
  browser = await launchBrowser();
  server = await ServerProcess.start({ LIGHTNING_NETWORK: "regtest" });
});
afterEach(async () => {
  for (const person of people.splice(0)) await person.leaveForGood();
});
afterAll(async () => {
  await browser.close();
  await server.close();
});

/** Invoices of every wallet here, with what only their payment reveals. */
const preimages = new Map<string, string>();

function makeInvoice(amountMsat: number): string {
  const { invoice, preimage } = invoiceOf({ amountMsat });
  preimages.set(invoice, preimage);
  return invoice;
}

/** What the wallets of one person do when they are asked to pay. */
type Pay = (invoice: string) => Promise<string>;
const payAtOnce: Pay = (invoice) => Promise.resolve(preimages.get(invoice) ?? "");

/** Two people in a call; those with `pay` have a wallet in their browser. */
async function meet(first?: Pay, second?: Pay): Promise<[Person, Person]> {
  const [one, two] = [await arrive(first), await arrive(second)];
  await one.start();
  await two.start();
  await Promise.all([one.until("connected"), two.until("connected")]);
  return [one, two];
}

async function arrive(pay?: Pay): Promise<Person> {
  const person = await Person.arrive(browser, `${server.url}/favicon.svg`);
  people.push(person);
  if (pay) await giveWallet(person, pay);
  await person.page.goto(server.url);
  return person;
}

async function giveWallet({ context }: Person, pay: Pay): Promise<void> {
  await context.exposeFunction("walletMakes", (sats: number) => makeInvoice(sats * 1_000));
  await context.exposeFunction("walletPays", pay);
  await context.addInitScript(() => {
    const wallet = window as unknown as Record<"walletMakes" | "walletPays", (asked: unknown) => Promise<string>>;
    Object.assign(window, {
      webln: {
        enable: () => Promise.resolve(),
        makeInvoice: async ({ amount }: { amount: number }) => ({ paymentRequest: await wallet.walletMakes(amount) }),
        sendPayment: async (invoice: string) => ({ preimage: await wallet.walletPays(invoice) }),
        lookupInvoice: async ({ paymentRequest }: { paymentRequest: string }) => {
          const preimage = await wallet.walletPays(paymentRequest);
          return { paymentRequest, preimage, paid: preimage !== "" };
        },
      },
    });
  });
}

it("carries a tip from one browser's wallet to the other's, with its words", async () => {
  const [payer, payee] = await meet(payAtOnce, payAtOnce);
  await payer.at("tip").click();
  await payer.at("tip-500").click();
  await payer.at("tip-comment").fill("for the song");
  await payer.at("tip-send").click();
  await payer.at("tip-news").filter({ hasText: "You gave 500 sats." }).waitFor();
  await payee.at("tip-news").filter({ hasText: "You got 500 sats: “for the song”" }).waitFor();
  expect(await payer.at("tip-total").innerText()).toBe("↑ 500 sats");
  expect(await payee.at("tip-total").innerText()).toBe("↓ 500 sats");
  expect([...payer.pageErrors, ...payee.pageErrors]).toEqual([]);
});

it("works by hand, with a pasted invoice, a code to scan and a pasted proof", async () => {
  const [payer, payee] = await meet();
  await payer.at("tip").click();
  await payer.at("tip-amount").fill("42");
  await payer.at("tip-send").click();
  const invoice = makeInvoice(42_000);
  await payee.at("tip-answer").filter({ hasText: "Your partner tips you 42 sats" }).waitFor();
  await payee.at("tip-invoice").fill(makeInvoice(43_000));
  await payee.at("tip-accept").click();
  await payee.at("tip-answer").filter({ hasText: "no invoice over exactly this amount" }).waitFor();
  await payee.at("tip-invoice").fill(invoice);
  await payee.at("tip-accept").click();
  await payer.at("tip-qr").waitFor();
  await payer.at("tip-proof").fill("00".repeat(32));
  await payer.at("tip-confirm").click();
  await payer.at("tip-payment").filter({ hasText: "not the proof" }).waitFor();
  await payer.at("tip-proof").fill(preimages.get(invoice) ?? "");
  await payer.at("tip-confirm").click();
  await payee.at("tip-news").filter({ hasText: "You got 42 sats" }).waitFor();
});

it("lets the partner decline", async () => {
  const [payer, payee] = await meet(payAtOnce);
  await payer.at("tip").click();
  await payer.at("tip-send").click();
  await payee.at("tip-decline").click();
  await payer.at("tip-news").filter({ hasText: "declined 100 sats. Nothing was paid." }).waitFor();
});

it("settles a tip of a tab that was closed while its wallet paid", async () => {
  let arrived = false;
  const pay: Pay = (invoice) => (arrived ? payAtOnce(invoice) : new Promise(() => undefined));
  const [payer, payee] = await meet(pay, payAtOnce);
  await payer.at("tip").click();
  await payer.at("tip-send").click();
  await payer.at("tip-news").filter({ hasText: "on their way" }).waitFor();
  await payer.page.close();
  arrived = true;
  const later = await payer.context.newPage();
  await later.goto(server.url);
  await payee.at("tip-news").filter({ hasText: "You got 100 sats" }).waitFor();
});

it("shows nothing of tips where the server has none", async () => {
  const without = await ServerProcess.start({ LIGHTNING_NETWORK: "off" });
  try {
    const person = await Person.arrive(browser, without.url);
    people.push(person);
    const other = await Person.arrive(browser, without.url);
    people.push(other);
    await person.start();
    await other.start();
    await person.until("connected");
    expect(await person.at("tip").count()).toBe(0);
  } finally {
    await without.close();
  }
});
