import { createHash } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import { decode } from "bolt11";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { type LightningPair, startPair } from "../support/lightning/pair.js";
import { type LightningNode, PaymentFailed } from "../support/lightning/node.js";

// Tests of the nodes with which other tests pay.

let pair: LightningPair;
let ann: LightningNode;
let bob: LightningNode;

beforeAll(async () => {
  pair = await startPair();
  ({ ann, bob } = pair);
});
afterAll(() => pair.close());

function hashOf(invoice: string): string {
  return String(decode(invoice, regtest).tagsObject.payment_hash);
}
const regtest = { bech32: "bcrt", pubKeyHash: 0x6f, scriptHash: 0xc4, validWitnessVersions: [0, 1] };

function sha256(preimage: string): string {
  return createHash("sha256").update(preimage, "hex").digest("hex");
}

/** Waits until a payment is in a state. */
async function reaches(node: LightningNode, invoice: string, state: string): Promise<void> {
  await vi.waitUntil(() => node.find(hashOf(invoice))?.state === state, { timeout: 60_000, interval: 5 });
}

it.each([
  ["one satoshi", 1_000],
  ["a thousand", 1_000_000],
  ["a fraction of a satoshi", 1_234_567],
  ["the largest tip", 1_000_000_000],
])("pays %s in either direction, and gives the preimage of what was paid", async (_name, amountMsat) => {
  for (const [payer, payee] of [
    [ann, bob],
    [bob, ann],
  ] as const) {
    const before = payee.spendableMsat;
    const invoice = payee.makeInvoice(amountMsat, "a tip");
    const preimage = await payer.pay(invoice);
    expect(sha256(preimage)).toBe(hashOf(invoice));
    await reaches(payee, invoice, "settled");
    expect(payer.find(sha256(preimage))).toMatchObject({ direction: "outgoing", state: "settled", preimage });
    expect(payee.find(sha256(preimage))).toMatchObject({ direction: "incoming", state: "settled", amountMsat });
    await vi.waitUntil(() => payee.spendableMsat - before === amountMsat, { timeout: 60_000, interval: 5 });
  }
});

it("pays while another payment is held, which completes when it is released", async () => {
  bob.hold();
  const held = bob.makeInvoice(5_000);
  const paying = ann.pay(held);
  await reaches(bob, held, "held");
  expect(ann.find(hashOf(held))).toMatchObject({ state: "pending" });
  const back = ann.makeInvoice(3_000);
  expect(sha256(await bob.pay(back))).toBe(hashOf(back));
  expect(ann.find(hashOf(held))).toMatchObject({ state: "pending" });
  bob.release();
  expect(sha256(await paying)).toBe(hashOf(held));
});

it("reports a definite failure: the payment was canceled, or there was no route", async () => {
  bob.hold();
  const refused = bob.makeInvoice(5_000);
  const paying = ann.pay(refused);
  const outcome = expect(paying).rejects.toBeInstanceOf(PaymentFailed);
  await reaches(bob, refused, "held");
  bob.refuse();
  await outcome;
  bob.release();
  expect(ann.find(hashOf(refused))).toMatchObject({ state: "failed" });
  await expect(ann.pay(bob.makeInvoice(100_000_000_000))).rejects.toBeInstanceOf(PaymentFailed);
});

it("pays no invoice twice", async () => {
  const invoice = bob.makeInvoice(7_000);
  await ann.pay(invoice);
  const before = ann.spendableMsat;
  await expect(ann.pay(invoice)).rejects.toThrow("already settled");
  expect(ann.spendableMsat).toBe(before);
});

it("refuses invalid invoices", async () => {
  await expect(ann.pay("lnbcrt1nonsense")).rejects.toThrow("not an invoice");
});

it("pays sixty small invoices in a row", { timeout: 120_000 }, async () => {
  const invoices = Array.from({ length: 60 }, (_, index) => bob.makeInvoice(1_000 + index));
  for (const invoice of invoices) expect(sha256(await ann.pay(invoice))).toBe(hashOf(invoice));
});

it("pays twenty concurrently in both directions", async () => {
  const ten = Array.from({ length: 10 }, (_, index) => index);
  const there = ten.map((index) => ann.pay(bob.makeInvoice(2_000 + index)));
  const back = ten.map((index) => bob.pay(ann.makeInvoice(3_000 + index)));
  expect(new Set(await Promise.all([...there, ...back]))).toHaveProperty("size", 20);
});

it("releases timers and sockets when it closes, and rejects pending payments", async () => {
  const count = () => process.getActiveResourcesInfo().filter((name) => /^T(imeout|CP)/.test(name)).length;
  const before = count();
  const other = await startPair();
  expect(count()).toBeGreaterThan(before);
  other.bob.hold();
  const paying = other.ann.pay(other.bob.makeInvoice(1_000));
  const outcome = expect(paying).rejects.not.toBeInstanceOf(PaymentFailed);
  other.close();
  await outcome;
  while (count() > before) await setImmediate(); // a timer would count itself
});
