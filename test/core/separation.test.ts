import { describe, expect, it } from "vitest";
import { redactTip, redactEvent } from "../../src/core/separation.js";
import type { MatchId, SessionId, TipId } from "../../src/core/ids.js";
import type { Invoice } from "../../src/core/invoice.js";
import type { EncodedSignals } from "../../src/core/signal.js";
import { cancelled, expired, invoiced, viewFor, offered, settled } from "../../src/core/tip.js";
import { invoiceOf } from "../support/invoice.js";

const NOW_MS = 1_800_000_000_000;
const [payer, payee, matchId] = ["payer" as SessionId, "payee" as SessionId, "match" as MatchId];
const { invoice: text, preimage, paymentHash } = invoiceOf({ amountMsat: 21_000 });
const invoice: Invoice = { text, paymentHash, amountMsat: 21_000, expiresMs: NOW_MS + 600_000 };
const offer = offered(
  { id: "tip" as TipId, matchId, payerId: payer, payeeId: payee, amountMsat: 21_000, comment: "words" },
  NOW_MS,
);
const bill = invoiced(offer, payee, invoice, NOW_MS);

describe("a tip event between separated sessions", () => {
  it.each([
    ["an offer", offer],
    ["an invoice", bill],
  ])("is withheld for %s", (_, tip) => {
    expect([payer, payee].map((side) => redactTip(viewFor(tip, side)))).toEqual([undefined, undefined]);
  });

  it.each([
    ["of a declined tip", cancelled(offer, payee, NOW_MS)],
    ["of a tip canceled with its invoice", cancelled(bill, payer, NOW_MS)],
    ["of a tip expired with its invoice", expired(bill, bill.deadlineMs)],
  ])("contains the final state %s, without comment or invoice", (_, tip) => {
    for (const side of [payer, payee]) {
      const view = redactTip(viewFor(tip, side));
      expect(view).toMatchObject({ id: "tip", state: tip.state, comment: "" });
      expect(view).not.toHaveProperty("invoice");
    }
  });

  it("contains the invoice of a paid tip, which proves the payment", () => {
    const view = redactTip(viewFor(settled(bill, payer, preimage, NOW_MS), payer));
    expect(view).toMatchObject({ state: "settled", comment: "", invoice: { text } });
  });
});

it("a redacted event keeps only its place", () => {
  const signals = "signals" as EncodedSignals;
  const signaled = redactEvent({ type: "signaled", matchId, relayOnly: false, described: true, signals });
  const tip = redactEvent({ type: "tip_updated", ...viewFor(offer, payee) });
  expect(signaled).toEqual({ type: "signaled", matchId, relayOnly: false, described: false, signals: "" });
  expect(tip).toEqual({ type: "signaled", matchId, relayOnly: true, described: false, signals: "" });
});
