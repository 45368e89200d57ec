import { describe, expect, it } from "vitest";
import { invoiceProblem } from "../../src/client/tips/invoice-check.js";
import type { PendingTip } from "../../src/client/tips/pending-tips.js";
import type { Tip } from "../../src/client/index.js";
import { expiryField, hashField, secretField, signedInvoice } from "../core/support/invoices.js";
import { invoiceOf } from "../support/invoice.js";

const NOW_MS = 1_800_000_000_000;
const agreed: PendingTip = {
  ...{ id: "tip", matchId: "match", amountMsat: 21_000, comment: "", createdAtMs: NOW_MS, expiresAtMs: NOW_MS + 1_000 },
  ...{ network: "regtest", token: "token", asked: false, invoice: undefined, invoiceExpiresAtMs: undefined },
};
const tip: Tip = {
  ...{ id: "tip", matchId: "match", role: "payer", amountMsat: 21_000, comment: "", state: "invoiced" },
  ...{ createdAtMs: NOW_MS, expiresAtMs: NOW_MS + 1_000, invoiceExpiresAtMs: NOW_MS + 1, problem: undefined },
  invoice: invoiceOf({ amountMsat: 21_000 }).invoice,
};

describe("an invoice", () => {
  it("is no obstacle when it is what was agreed", () => {
    expect(invoiceProblem(tip, agreed, NOW_MS)).toBeUndefined();
  });

  const fields = [secretField(), expiryField(600)];
  const nameless = signedInvoice({ prefix: "lnbcrt210n", createdMs: NOW_MS, fields });
  const named = signedInvoice({ prefix: "lnbcrt210n", createdMs: NOW_MS, fields: [hashField(), ...fields] });

  it.each<[string, Partial<Tip>, string]>([
    ["is not there", { invoice: undefined }, "not valid"],
    ["is no invoice", { invoice: "lnbcrt1nonsense" }, "not valid"],
    ["is for another network", { invoice: invoiceOf({ amountMsat: 21_000, network: "testnet" }).invoice }, "network"],
    ["is over more", { invoice: invoiceOf({ amountMsat: 22_000 }).invoice }, "amount"],
    ["leaves the amount open", { invoice: invoiceOf({ amountMsat: undefined }).invoice }, "amount"],
    ["is of a tip that is said to be over more", { amountMsat: 22_000 }, "amount"],
    ["names no payment", { invoice: nameless }, "no payment hash"],
    ["has expired", { invoice: named, invoiceExpiresAtMs: NOW_MS }, "expired"],
  ])("is one when it %s", (_, change, problem) => {
    expect(invoiceProblem({ ...tip, ...change }, agreed, NOW_MS)).toContain(problem);
  });
});
