import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { recognize } from "../../src/client/wallets/recognize.js";
import { type DepositBed, startDepositBed } from "../support/lightning/deposit-bed.js";
import { exposeWebln } from "../support/lightning/webln.js";
import { roomy } from "../support/pair.js";
import { violationsOn } from "./support/axe.js";
import { CallPage } from "./support/call-page.js";
import { launchBrowser } from "./support/chromium.js";
import { scan } from "./support/qr-reader.js";
import { ServerProcess } from "./support/server-process.js";

let browser: Browser;
let bed: DepositBed;
let server: ServerProcess;
const people: CallPage[] = [];

beforeAll(async () => {
  [browser, bed] = await Promise.all([launchBrowser(), startDepositBed()]);
  server = await ServerProcess.start({ ...roomy, ...bed.variables });
});
afterEach(async () => {
  for (const person of people.splice(0)) await person.leaveForGood();
});
afterAll(async () => {
  await browser.close();
  await server.close();
  await bed.close();
});

async function arrive(locale?: string): Promise<CallPage> {
  const person = await CallPage.arrive(browser, server.url, {}, locale);
  people.push(person);
  return person;
}

/** Pays the invoice of a page's code with a wallet on another device. */
async function payByPhone(person: CallPage): Promise<{ payment: Promise<string> }> {
  const text = recognize(await scan(person.at("tip-qr")));
  if (text.kind !== "invoice") throw new Error("the code has no invoice");
  return { payment: bed.pay(text.invoice) };
}

it("a newcomer reads what the deposit is, pays the code, is matched, and has the money back after leaving", async () => {
  const before = await bed.settled();
  const [ann, bob] = [await arrive(), await arrive()];
  await ann.page.emulateMedia({ reducedMotion: "reduce" });
  await ann.start();
  await ann.at("tip-qr").waitFor();
  const words = await ann.at("deposit-dialog").textContent();
  expect(words).toContain("Newcomers leave 500 sats before their first match.");
  expect(words).toContain("You get all of it back within ten minutes, or as soon as you leave.");
  expect(words).toContain("Only a moderator can keep it");
  expect(await violationsOn(ann)).toEqual([]);
  expect(await ann.at("deposit-open").getAttribute("href")).toMatch(/^lightning:lnbcrt/);
  expect(await ann.at("deposit-pay").count()).toBe(0); // there is no wallet to pay with
  const { payment } = await payByPhone(ann);
  await ann.until("waiting");
  expect(await ann.at("deposit-dialog").count()).toBe(0);
  await bob.start();
  await bob.at("tip-qr").waitFor();
  const other = await payByPhone(bob);
  await Promise.all([ann.seesPartner(), bob.seesPartner()]);
  await ann.stop();
  await bob.stop();
  expect(await Promise.all([payment, other.payment])).toEqual(["returned", "returned"]);
  expect(await bed.settled()).toEqual(before);
  expect([...ann.pageErrors, ...bob.pageErrors]).toEqual([]);
});

it("a wallet in the browser pays when it is told to", async () => {
  const person = await arrive();
  await exposeWebln(person.context, bed.standIn.ldk.wallet);
  await person.page.reload();
  await person.start();
  await person.at("deposit-pay").click();
  await person.until("waiting");
  await person.stop();
  await bed.settled();
  expect(person.pageErrors).toEqual([]);
});

it("a dialog that was closed comes back with the next attempt, with the same invoice", async () => {
  const person = await arrive("de-DE");
  await person.start();
  const invoice = await person.at("deposit-open").getAttribute("href");
  expect(await person.at("deposit-dialog").textContent()).toContain("Das hält Bots fern.");
  await person.page.keyboard.press("Escape");
  await person.at("notice").filter({ hasText: "Zuerst ist ein Pfand nötig" }).waitFor();
  await person.at("remedy-start").click();
  expect(await person.at("deposit-open").getAttribute("href")).toBe(invoice);
});

it("a newcomer is told when the node creates no invoice, and can try again", async () => {
  const { server: lnd } = bed.standIn;
  const usual = lnd.onCall;
  lnd.refuse("addHoldInvoice", "memo too large");
  const person = await arrive();
  await person.start();
  await person.at("deposit-problem").filter({ hasText: "The deposit did not work" }).waitFor();
  expect(await violationsOn(person)).toEqual([]);
  lnd.onCall = usual;
  await expect
    .poll(async () => {
      if (await person.at("deposit-again").isVisible()) await person.at("deposit-again").click();
      return person.at("tip-qr").isVisible();
    })
    .toBe(true);
});
