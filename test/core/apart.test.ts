import { describe, expect, it } from "vitest";
import { newsApart, redacted } from "../../src/core/apart.js";
import type { MatchId, SessionId, TipId } from "../../src/core/ids.js";
import type { Invoice } from "../../src/core/invoice.js";
import type { EncodedSignals } from "../../src/core/signal.js";
import { cancelled, expired, invoiced, newsOf, offered, settled } from "../../src/core/tip.js";
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

describe("what two hear of a tip who must not meet again", () => {
  it.each([
    ["an offer", offer],
    ["an invoice", bill],
  ])("is nothing of %s", (_, tip) => {
    expect([payer, payee].map((side) => newsApart(newsOf(tip, side)))).toEqual([undefined, undefined]);
  });

  it.each([
    ["declined", cancelled(offer, payee, NOW_MS)],
    ["cancelled with its invoice", cancelled(bill, payer, NOW_MS)],
    ["expired with its invoice", expired(bill, bill.deadlineMs)],
  ])("is the end of one that is %s, without words or invoice", (_, tip) => {
    for (const side of [payer, payee]) {
      const news = newsApart(newsOf(tip, side));
      expect(news).toMatchObject({ id: "tip", state: tip.state, comment: "" });
      expect(news).not.toHaveProperty("invoice");
    }
  });

  it("is the invoice of one that was paid, which proves the payment", () => {
    const news = newsApart(newsOf(settled(bill, payer, preimage, NOW_MS), payer));
    expect(news).toMatchObject({ state: "settled", comment: "", invoice: { text } });
  });
});

it("leaves nothing of an event that waits but its place", () => {
  const signals = "signals" as EncodedSignals;
  const signaled = redacted({ type: "signaled", matchId, relayOnly: false, described: true, signals });
  const told = redacted({ type: "tip_updated", ...newsOf(offer, payee) });
  expect(signaled).toEqual({ type: "signaled", matchId, relayOnly: false, described: false, signals: "" });
  expect(told).toEqual({ type: "signaled", matchId, relayOnly: true, described: false, signals: "" });
});
