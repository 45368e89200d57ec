import type { Browser, Locator } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { roomy } from "../support/pair.js";
import { type LightningPair, startPair } from "../support/lightning/pair.js";
import { PATIENCE_MS } from "../support/patience.js";
import { violationsOn } from "./support/axe.js";
import type { CallPage } from "./support/call-page.js";
import { launchBrowser } from "./support/chromium.js";
import { overlaps } from "./support/layout.js";
import { arriveWithClock, pass, passUntil, resize } from "./support/minute-pages.js";
import { ServerProcess } from "./support/server-process.js";

// The price of a minute between two pages, paid by Lightning nodes. The clocks of the pages are put forward.

const PRICE_MSAT = 21_000;
const MINUTE_MS = 60_000;
/** A phone in landscape, a zoomed page, and a small phone. */
const SMALL = [
  [640, 360],
  [320, 256],
  [360, 640],
] as const;
const PATIENCE = { timeout: PATIENCE_MS };

let browser: Browser;
let server: ServerProcess;
let nodes: LightningPair;
let people: CallPage[] = [];
beforeAll(async () => {
  [browser, server, nodes] = await Promise.all([
    launchBrowser(),
    ServerProcess.start({ ...roomy, LIGHTNING_NETWORK: "regtest" }),
    startPair(),
  ]);
});
afterEach(async () => {
  await Promise.all(people.map((person) => person.leaveForGood()));
  people = [];
});
afterAll(async () => {
  nodes.close();
  await browser.close();
  await server.close();
});

/** Two pages in a call. The payee asks 21 sats for a minute, and the payer has not agreed yet. */
async function meet(): Promise<{ payer: CallPage; payee: CallPage }> {
  const payee = await arriveWithClock(browser, server.url, nodes.bob);
  const payer = await arriveWithClock(browser, server.url, nodes.ann);
  people.push(payer, payee);
  await payee.startFirst();
  const asked = payee.page.waitForResponse((response) => response.url().endsWith("/Match"));
  await payee.at("price").fill("21");
  await asked;
  await payer.start();
  await Promise.all([payer.seesPartner(), payee.seesPartner()]);
  await payer.at("minutes-given").filter({ hasText: "Your partner asks for 21 sats per minute." }).waitFor();
  await payee.at("minutes-received").filter({ hasText: "Your partner has not agreed." }).waitFor();
  return { payer, payee };
}

async function agree({ payer, payee }: { payer: CallPage; payee: CallPage }, budget: string): Promise<void> {
  await payer.at("minutes-budget").fill(budget);
  await payer.at("minutes-agree").click();
  await payer.at("minutes-stop").waitFor();
  await payee.at("minutes-received").filter({ hasText: "says they pay 21 sats per minute" }).waitFor();
}

/** What the nodes have, and how much of it has moved since. */
function balances() {
  const [ann, bob] = [nodes.ann.spendableMsat, nodes.bob.spendableMsat];
  return { moved: () => ({ paid: ann - nodes.ann.spendableMsat, received: nodes.bob.spendableMsat - bob }) };
}

/** The satoshis that a page names after some words. */
async function sumOn(line: Locator, words: string): Promise<number> {
  const text = (await line.allInnerTexts()).join(" ");
  return Number(new RegExp(`${words} (\\d+) sats`).exec(text)?.[1] ?? 0);
}

/** Lets minutes pass until both pages say that so many are paid. On a busy machine it may be more. */
async function payMinutes(count: number, { payer, payee }: { payer: CallPage; payee: CallPage }): Promise<void> {
  const [given, received] = [payer.at("minutes-given"), payee.at("minutes-received")];
  const isPaid = (sats: number) => sats * 1_000 >= count * PRICE_MSAT;
  const isDone = async () => {
    if (isPaid(await sumOn(given, "Paid in this call:"))) return true;
    expect(await given.getAttribute("data-end")).toBe(""); // otherwise nothing more is paid
    return false;
  };
  await passUntil(isDone, payer, payee);
  await expect.poll(async () => isPaid(await sumOn(received, "Received:")), PATIENCE).toBe(true);
}

async function expectMoved(kept: ReturnType<typeof balances>, msat: number): Promise<void> {
  await expect.poll(() => kept.moved(), PATIENCE).toEqual({ paid: msat, received: msat });
}

it("is paid for ten minutes with the same total on both pages and nodes, until the payer walks away", async () => {
  const both = await meet();
  const { payer, payee } = both;
  const kept = balances();
  await agree(both, "500");
  for (let minutes = 1; minutes <= 10; minutes++) await payMinutes(minutes, both);
  await payer.stop();
  await payer.at("minutes-over").filter({ hasText: "The call has ended. Paid in this call:" }).waitFor();
  await payee.at("minutes-over").filter({ hasText: "The call has ended. Received:" }).waitFor();
  const sats = await sumOn(payer.at("minutes-over"), "Paid in this call:");
  expect(sats).toBeGreaterThanOrEqual(210);
  await expect.poll(() => sumOn(payee.at("minutes-over"), "Received:"), PATIENCE).toBe(sats);
  await expectMoved(kept, sats * 1_000);
  await Promise.all([pass(2 * MINUTE_MS, payer), pass(2 * MINUTE_MS, payee)]);
  await expectMoved(kept, sats * 1_000);
  expect([...payer.pageErrors, ...payee.pageErrors]).toEqual([]);
});

it("is paid no more once the payee walks away", async () => {
  const both = await meet();
  const { payer, payee } = both;
  const kept = balances();
  await agree(both, "500");
  await payMinutes(1, both);
  await payee.page.close();
  await pass(MINUTE_MS, payer);
  await payer.at("minutes-over").filter({ hasText: "The call has ended. Paid in this call:" }).waitFor();
  const sats = await sumOn(payer.at("minutes-over"), "Paid in this call:");
  await expectMoved(kept, sats * 1_000);
  await pass(2 * MINUTE_MS, payer);
  await expectMoved(kept, sats * 1_000);
});

it("has no violations and covers nothing on a small screen, whatever is paid", async () => {
  const both = await meet();
  const { payer, payee } = both;
  const problems: string[] = [];
  const look = async (when: string, sizes: readonly (readonly [number, number])[] = [[1280, 720], ...SMALL]) => {
    for (const [who, person] of Object.entries(both)) {
      for (const [width, height] of sizes) {
        await resize(person, width, height);
        const where = `${who} ${when} at ${String(width)}×${String(height)}`;
        if (process.env.SHOTS)
          await person.page.screenshot({
            path: `${process.env.SHOTS}/${where.replaceAll(" ", "-").replace("×", "x")}.png`,
          });
        problems.push(...(await overlaps(person.page)).map((problem) => `${where}: ${problem}`));
      }
      problems.push(...(await violationsOn(person)).map((problem) => `${who} ${when}: ${problem}`));
    }
  };
  for (const { page } of [payer, payee]) await page.emulateMedia({ reducedMotion: "reduce" });
  await look("asked");
  await payer.at("minutes-more").click();
  await look("reading", SMALL);
  await agree(both, "42");
  await look("agreed");
  await payMinutes(1, both);
  await look("paying");
  await payMinutes(2, both);
  await payer.at("minutes-given").filter({ hasText: "Your budget is used up" }).waitFor();
  await payee.at("minutes-received").filter({ hasText: "their budget is used up" }).waitFor();
  await look("ended");
  await payee.stop();
  await payer.at("minutes-over").filter({ hasText: "Paid in this call: 42 sats of 42 sats." }).waitFor();
  await payee.at("minutes-over").filter({ hasText: "Received: 42 sats." }).waitFor();
  await look("over");
  expect(problems).toEqual([]);
});
