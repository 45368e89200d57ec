import { describe, expect, it } from "vitest";
import * as tips from "../../src/core/tip.js";
import { cancelled, expired, isOpen, received, settled } from "../../src/core/tip.js";
import {
  NOW_MS,
  PREIMAGE,
  bill,
  declined,
  late,
  offer,
  paid,
  payee,
  payer,
  reasonOf,
  stranger,
  unpaid,
  withdrawn,
} from "./support/tip-states.js";

describe("a receipt", () => {
  const said = received(bill, payee, NOW_MS + 5);

  it("is the payee's word: the tip is received, and neither open nor settled", () => {
    expect(said).toEqual({ ...bill, state: "received", changedMs: NOW_MS + 5, receivedMs: NOW_MS + 5 });
    expect(isOpen(said)).toBe(false);
    expect(tips.tipKeptUntilMs(said)).toBe(tips.tipKeptUntilMs({ ...paid, changedMs: said.changedMs }));
  });

  it("is refused from the payer, from other sessions, and without an invoice", () => {
    for (const tip of [bill, paid, unpaid, offer]) {
      expect(reasonOf(() => received(tip, payer, NOW_MS))).toBe("tip_side");
      expect(reasonOf(() => received(tip, stranger, NOW_MS))).toBe("tip_unknown");
    }
    for (const tip of [offer, declined, withdrawn, late]) {
      expect(reasonOf(() => received(tip, payee, NOW_MS))).toBe("tip_over");
    }
  });

  it("holds after any end of a tip with an invoice, as money that left is never called unpaid", () => {
    for (const tip of [unpaid, cancelled(bill, payer, NOW_MS + 2)]) {
      expect(received(tip, payee, NOW_MS * 2)).toMatchObject({ state: "received", receivedMs: NOW_MS * 2 });
    }
  });

  it("can be repeated without effect", () => {
    expect(received(said, payee, NOW_MS * 2)).toBe(said);
    const both = received(paid, payee, NOW_MS + 7);
    expect(received(both, payee, NOW_MS * 2)).toBe(both);
  });

  it("is kept beside the proof, whichever comes first", () => {
    const late = bill.deadlineMs + 1;
    const proved = settled(said, payer, PREIMAGE, late);
    expect(proved).toEqual({ ...said, state: "settled", changedMs: late, preimage: PREIMAGE });
    expect(received(paid, payee, NOW_MS + 7)).toEqual({ ...paid, receivedMs: NOW_MS + 7 });
    expect(tips.viewFor(proved, payer)).toMatchObject({ state: "settled", receivedMs: NOW_MS + 5, settledMs: late });
    expect(tips.viewFor(said, payer)).not.toHaveProperty("settledMs");
  });

  it("needs the right preimage to become a proof", () => {
    expect(reasonOf(() => settled(said, payer, "00".repeat(32), NOW_MS))).toBe("field_invalid");
    expect(reasonOf(() => settled(said, payee, PREIMAGE, NOW_MS))).toBe("tip_side");
  });

  it("neither expires nor can be cancelled", () => {
    expect(expired(said, NOW_MS * 2)).toBe(said);
    for (const side of [payer, payee]) expect(reasonOf(() => cancelled(said, side, NOW_MS + 6))).toBe("tip_over");
  });

  it("counts towards totals of its own until the tip is settled", () => {
    const names = ["match:a match", "given:payer", "received:payee", "day:2027-01-15"];
    expect(tips.totalsOf(said)).toEqual(names.map((name) => `unproved:${name}`));
    const proved = settled(said, payer, PREIMAGE, NOW_MS + 24 * 3_600_000);
    expect(tips.totalsOf(proved)).toEqual([...names.slice(0, 3), "day:2027-01-16"]);
    expect(tips.formerTotalsOf(proved)).toEqual(tips.totalsOf(said));
    for (const tip of [offer, bill, unpaid]) expect(tips.totalsOf(tip)).toEqual([]);
  });
});
