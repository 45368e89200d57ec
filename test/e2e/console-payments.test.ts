import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { invoiceOf } from "../support/invoice.js";
import { violationsOn } from "./support/axe.js";
import type { ConsolePage } from "./support/console-page.js";
import { ConsoleSite } from "./support/console-site.js";
import { cutOff } from "./support/cut-off.js";
import { overlaps } from "./support/layout.js";

const MARKUP = '<img src="x" onerror="window.isHarmed = true">';

let site: ConsoleSite;
beforeAll(async () => {
  site = await ConsoleSite.open({ LIGHTNING_NETWORK: "regtest" });
  const { payer, payee, offer } = await couple("ann", "bob");
  const settled = await offer(6_000_000);
  await payer.tips.confirm({ tipId: settled.tipId, preimage: settled.preimage });
  const received = await offer(2_000_000);
  await payee.tips.confirmReceipt({ tipId: received.tipId });
  const both = await offer(1_500);
  await payee.tips.confirmReceipt({ tipId: both.tipId });
  await payer.tips.confirm({ tipId: both.tipId, preimage: both.preimage });
});
afterAll(() => site.close());

let operator: ConsolePage;
beforeEach(async () => {
  operator = await site.visit();
});
afterEach(() => operator.close());

/** Two people of whom one can tip the other. */
async function couple(...subjects: [string, string]) {
  const { offerer: payer, answerer: payee, matchId } = await site.match(...subjects);
  const offer = async (amountMsat: number, comment = "thanks") => {
    const tipId = randomUUID();
    await payer.tips.offer({ tipId, matchId, amountMsat: BigInt(amountMsat), comment });
    const made = invoiceOf({ amountMsat });
    await payee.tips.sendInvoice({ tipId, invoice: made.invoice });
    return { tipId, ...made };
  };
  return { payer, payee, offer };
}

const total = (name: string) => operator.page.locator(`[data-total=${name}]`).innerText();

it("adds up proved and unproved tips of thirty days, and draws them", async () => {
  await operator.open("payments");
  expect(await total("proved")).toBe("6,001.5 sat in 2 tips");
  expect(await total("unproved")).toBe("2,000 sat in 1 tip");
  expect(await operator.page.locator("[data-day]").count()).toBe(30);
  const heights = (name: string) =>
    operator.page
      .locator(`[data-day] .${name}`)
      .evaluateAll((bars) => bars.map((bar) => Number(bar.getAttribute("height"))).filter((height) => height > 0));
  expect(await heights("proved")).toEqual([expect.closeTo(75, 0)]);
  expect(await heights("unproved")).toEqual([expect.closeTo(25, 0)]);
  const chart = operator.page.getByRole("img", { name: /6,001.5 sat proved, 2,000 sat only confirmed/ });
  expect(await chart.count()).toBe(1);
  await operator.tabTo("Figures by day");
  await operator.page.keyboard.press("Enter");
  await operator.page.getByRole("row", { name: /6,001.5 sat in 2 tips 2,000 sat in 1 tip$/ }).waitFor();
  expect(operator.complaints).toEqual([]);
});

it("lists the latest twenty tips with their states, the latest first", async () => {
  const { payer, offer } = await couple("carol", "dave");
  const { tipId } = await offer(3_000, MARKUP);
  await operator.open("payments");
  const tips = operator.page.locator("[data-tip]");
  const texts = await tips.allInnerTexts();
  expect(texts[0]).toContain(MARKUP);
  for (const part of ["carol", "dave", "3 sat", "Invoiced"]) expect(texts[0]).toContain(part);
  expect(texts[1]).toMatch(/Proved[^]*and confirmed by the payee/);
  expect(texts[2]).toContain("Only confirmed");
  await payer.tips.cancel({ tipId });
  await operator.press("Refresh");
  await tips.first().getByText("Cancelled").waitFor();
  for (let index = 0; index < 18; index++) await payer.tips.cancel({ tipId: (await offer(1_000)).tipId });
  await operator.press("Refresh");
  await expect.poll(() => tips.count()).toBe(20);
  await operator.press("Older");
  await expect.poll(() => tips.count()).toBe(2);
  expect(await operator.page.evaluate(() => "isHarmed" in window)).toBe(false);
  expect(operator.complaints).toEqual([]);
});

it.each([
  ["light", 1280],
  ["dark", 390],
  ["light", 320],
] as const)("in %s colors on a page of %i pixels, axe finds nothing, and nothing is cut off", async (color, width) => {
  await operator.close();
  operator = await site.visit(width, color);
  await operator.open("payments");
  await operator.press("Figures by day");
  const height = await operator.page.evaluate(() => document.documentElement.scrollHeight);
  await operator.page.setViewportSize({ width, height });
  expect(await violationsOn(operator)).toEqual([]);
  expect(await overlaps(operator.page)).toEqual([]);
  expect(await cutOff(operator.page)).toEqual([]);
});
