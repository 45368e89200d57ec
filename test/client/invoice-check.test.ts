import { describe, expect, it } from "vitest";
import { invoiceProblem } from "../../src/client/tips/invoice-check.js";
import type { PendingTip } from "../../src/client/tips/pending-tips.js";
import type { Tip } from "../../src/client/index.js";
import { expiryField, hashField, secretField, signedInvoice, textField } from "../core/support/invoices.js";
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
  it("has no problem if it is as agreed", () => {
    expect(invoiceProblem(tip, agreed, NOW_MS)).toBeUndefined();
  });

  const fields = [secretField(), textField("a tip"), expiryField(600)];
  const nameless = signedInvoice({ prefix: "lnbcrt210n", createdMs: NOW_MS, fields });
  const named = signedInvoice({ prefix: "lnbcrt210n", createdMs: NOW_MS, fields: [hashField(), ...fields] });

  const secretless = signedInvoice({ prefix: "lnbcrt210n", createdMs: NOW_MS, fields: [hashField(), textField("")] });

  it.each<[string, Partial<Tip>, string]>([
    ["is missing", { invoice: undefined }, "not valid"],
    ["is not an invoice", { invoice: "lnbcrt1nonsense" }, "not valid"],
    ["is for another network", { invoice: invoiceOf({ amountMsat: 21_000, network: "testnet" }).invoice }, "network"],
    ["has a higher amount", { invoice: invoiceOf({ amountMsat: 22_000 }).invoice }, "amount"],
    ["has no amount", { invoice: invoiceOf({ amountMsat: undefined }).invoice }, "amount"],
    ["belongs to a tip with a changed amount", { amountMsat: 22_000 }, "amount"],
    ["has no payment hash", { invoice: nameless }, "no payment hash"],
    ["may not be paid by any wallet", { invoice: secretless }, "no payment secret"],
    ["has expired", { invoice: named, invoiceExpiresAtMs: NOW_MS }, "expired"],
  ])("is refused if it %s", (_, change, problem) => {
    expect(invoiceProblem({ ...tip, ...change }, agreed, NOW_MS)).toContain(problem);
  });
});
