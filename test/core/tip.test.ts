import { describe, expect, it } from "vitest";
import type { MatchId } from "../../src/core/ids.js";
import * as tips from "../../src/core/tip.js";
import { cancelled, expired, invoiced, isOpen, offered, settled, type Tip } from "../../src/core/tip.js";
import {
  NOW_MS,
  PREIMAGE,
  bill,
  declined,
  finals,
  invoice,
  late,
  offer,
  other,
  paid,
  payee,
  payer,
  paymentHash,
  reasonOf,
  stranger,
  unpaid,
  withdrawn,
} from "./support/tip-states.js";

describe("an offer", () => {
  it("is open, and waits two minutes for an invoice", () => {
    expect(offer).toEqual({
      ...{ id: "a tip", matchId: "a match", payerId: payer, payeeId: payee, amountMsat: 21_000, comment: "well said" },
      ...{ state: "offered", createdMs: NOW_MS, changedMs: NOW_MS, deadlineMs: NOW_MS + 120_000 },
    });
    expect(isOpen(offer)).toBe(true);
  });

  it("counts as repeated only with the same payer, match, amount and comment", () => {
    const again = { matchId: offer.matchId, payerId: payer, amountMsat: 21_000, comment: "well said" };
    expect(tips.isSameOffer(offer, again)).toBe(true);
    expect(tips.isSameOffer(paid, again)).toBe(true);
    const changes = [{ matchId: "b" as MatchId }, { payerId: payee }, { amountMsat: 21_001 }, { comment: "" }];
    for (const change of changes) expect(tips.isSameOffer(offer, { ...again, ...change })).toBe(false);
  });
});

describe("an invoice", () => {
  it("is accepted from the payee, and the tip then waits an hour beyond its expiry", () => {
    const times = { createdMs: NOW_MS, changedMs: NOW_MS + 1, deadlineMs: NOW_MS + 600_000 + 3_600_000 };
    expect(bill).toEqual({ ...offer, ...times, state: "invoiced", invoice });
    expect(isOpen(bill)).toBe(true);
  });

  it("is refused from the payer, and from other sessions, for which the tip does not exist", () => {
    expect(reasonOf(() => invoiced(offer, payer, invoice, NOW_MS))).toBe("tip_side");
    expect(reasonOf(() => invoiced(offer, stranger, invoice, NOW_MS))).toBe("tip_unknown");
    expect(reasonOf(() => invoiced(bill, payer, invoice, NOW_MS))).toBe("tip_side");
    expect(reasonOf(() => invoiced(bill, stranger, invoice, NOW_MS))).toBe("tip_unknown");
  });

  it("can be repeated without effect, also for a final tip", () => {
    for (const tip of [bill, paid, unpaid]) {
      expect(invoiced(tip, payee, { ...invoice }, unpaid.changedMs + 1)).toBe(tip);
    }
  });

  it("cannot be replaced by another", () => {
    for (const tip of [bill, paid, unpaid]) {
      expect(reasonOf(() => invoiced(tip, payee, other, NOW_MS + 3))).toBe("tip_over");
      expect(() => invoiced(tip, payee, other, NOW_MS + 3)).toThrow("another invoice");
    }
  });

  it("is refused after the deadline and for a final tip", () => {
    const deadlineMs = NOW_MS + tips.INVOICE_MS;
    expect(invoiced(offer, payee, invoice, deadlineMs - 1).state).toBe("invoiced");
    expect(reasonOf(() => invoiced(offer, payee, invoice, deadlineMs))).toBe("tip_over");
    for (const tip of [declined, withdrawn, late]) {
      expect(reasonOf(() => invoiced(tip, payee, invoice, NOW_MS + 3))).toBe("tip_over");
    }
  });
});

describe("a settlement", () => {
  it("is accepted from the payer with the preimage, which is stored", () => {
    expect(paid).toEqual({ ...bill, state: "settled", changedMs: NOW_MS + 2, preimage: PREIMAGE });
    expect(isOpen(paid)).toBe(false);
    expect(settled(bill, payer, PREIMAGE.toUpperCase(), NOW_MS + 2)).toEqual(paid);
  });

  it("is refused from the payee, who knows the preimage, and from other sessions", () => {
    expect(reasonOf(() => settled(bill, payee, PREIMAGE, NOW_MS))).toBe("tip_side");
    expect(reasonOf(() => settled(bill, stranger, PREIMAGE, NOW_MS))).toBe("tip_unknown");
  });

  it("needs the preimage of this invoice, whatever the state of the tip", () => {
    for (const preimage of ["00".repeat(32), PREIMAGE.slice(2), "", `${PREIMAGE}00`, paymentHash]) {
      for (const tip of [bill, paid, unpaid]) {
        expect(reasonOf(() => settled(tip, payer, preimage, NOW_MS))).toBe("field_invalid");
      }
    }
  });

  it("needs an invoice", () => {
    for (const tip of [offer, declined, withdrawn, late]) {
      expect(reasonOf(() => settled(tip, payer, PREIMAGE, NOW_MS))).toBe("tip_over");
    }
  });

  it("can be repeated without effect", () => {
    expect(settled(paid, payer, PREIMAGE, NOW_MS + 9 * 3_600_000)).toBe(paid);
  });

  it("is accepted after the deadline, cancelation and expiry too, as the money has left", () => {
    const lateMs = bill.deadlineMs + 5 * 24 * 3_600_000;
    for (const tip of [bill, cancelled(bill, payer, NOW_MS + 2), unpaid]) {
      const late = settled(tip, payer, PREIMAGE, lateMs);
      expect(late).toEqual({ ...tip, state: "settled", changedMs: lateMs, preimage: PREIMAGE });
      expect(isOpen(late)).toBe(false);
    }
  });

  it("is not undone by cancelation or expiry", () => {
    const late = settled(unpaid, payer, PREIMAGE, unpaid.changedMs + 1);
    expect(reasonOf(() => cancelled(late, payer, NOW_MS))).toBe("tip_over");
    expect(expired(late, NOW_MS * 2)).toBe(late);
  });
});

describe("cancelation", () => {
  it("is possible for the payer, before and after the invoice", () => {
    expect(withdrawn).toEqual({ ...offer, state: "cancelled", changedMs: NOW_MS + 1 });
    expect(cancelled(bill, payer, NOW_MS + 5)).toEqual({ ...bill, state: "cancelled", changedMs: NOW_MS + 5 });
  });

  it("is possible for the payee until there is an invoice", () => {
    expect(declined).toEqual({ ...offer, state: "declined", changedMs: NOW_MS + 1 });
    expect(reasonOf(() => cancelled(bill, payee, NOW_MS))).toBe("tip_over");
  });

  it("is not possible for other sessions", () => {
    for (const tip of [offer, bill, paid, withdrawn]) {
      expect(reasonOf(() => cancelled(tip, stranger, NOW_MS))).toBe("tip_unknown");
    }
  });

  it("can be repeated by the same side without effect", () => {
    expect(cancelled(withdrawn, payer, NOW_MS * 2)).toBe(withdrawn);
    expect(cancelled(declined, payee, NOW_MS * 2)).toBe(declined);
  });

  it("does not change a final tip", () => {
    for (const tip of [paid, declined, late, unpaid]) {
      expect(reasonOf(() => cancelled(tip, payer, NOW_MS))).toBe("tip_over");
    }
    for (const tip of [paid, withdrawn, late, unpaid]) {
      expect(reasonOf(() => cancelled(tip, payee, NOW_MS))).toBe("tip_over");
    }
    for (const tip of [offer, bill]) {
      expect(cancelled(tip, payer, tip.deadlineMs - 1).state).toBe("cancelled");
      expect(reasonOf(() => cancelled(tip, payer, tip.deadlineMs))).toBe("tip_over");
    }
  });
});

describe("expiry", () => {
  it("applies to open tips at their deadline, and not before", () => {
    for (const tip of [offer, bill]) {
      expect(expired(tip, tip.deadlineMs - 1)).toBe(tip);
      expect(expired(tip, tip.deadlineMs)).toEqual({ ...tip, state: "expired", changedMs: tip.deadlineMs });
    }
  });

  it.each(Object.entries(finals))("does not change a final tip: %s", (_name, tip) => {
    expect(isOpen(tip)).toBe(false);
    expect(expired(tip, NOW_MS * 2)).toBe(tip);
  });
});

it("a side's view contains its role, and neither the other side's ID nor the preimage", () => {
  const known = { id: "a tip", matchId: "a match", amountMsat: 21_000, comment: "well said" };
  const times = { createdMs: NOW_MS, deadlineMs: offer.deadlineMs };
  expect(tips.viewFor(offer, payer)).toEqual({ ...known, ...times, role: "payer", state: "offered" });
  expect(tips.viewFor(offer, payee)).toEqual({ ...known, ...times, role: "payee", state: "offered" });
  const view = {
    ...known,
    createdMs: NOW_MS,
    deadlineMs: bill.deadlineMs,
    state: "settled",
    invoice,
    settledMs: paid.changedMs,
  };
  expect(tips.viewFor(paid, payer)).toEqual({ ...view, role: "payer" });
  expect(tips.viewFor(paid, payee)).toEqual({ ...view, role: "payee" });
});

it("settled tips are kept for 400 days, and others until no payment of their invoice can be in flight", () => {
  const day = 24 * 3_600_000;
  expect(tips.tipKeptUntilMs(paid)).toBe(paid.changedMs + 400 * day);
  for (const tip of [declined, withdrawn, late]) expect(tips.tipKeptUntilMs(tip)).toBe(tip.changedMs + 2 * day);
  expect(tips.tipKeptUntilMs(unpaid)).toBe(unpaid.changedMs + 16 * day);
  expect(tips.tipKeptUntilMs(cancelled(bill, payer, NOW_MS + 2))).toBe(invoice.expiresMs + 16 * day);
});

it("the payment hash of an invoice that outlives its tip is kept until after its expiry", () => {
  const day = 24 * 3_600_000;
  const long = { ...invoice, validUntilMs: NOW_MS + 30 * day };
  const tip = invoiced(offer, payee, long, NOW_MS);
  expect(tip.deadlineMs).toBe(invoice.expiresMs + 3_600_000);
  for (const final of [cancelled(tip, payer, NOW_MS), expired(tip, tip.deadlineMs)]) {
    expect(tips.tipKeptUntilMs(final)).toBe(NOW_MS + 46 * day);
  }
});

it("a settled tip counts towards its match, both sides, and the UTC day of its settlement", () => {
  const eve = Date.UTC(2026, 11, 31, 23, 59, 59, 999);
  const totals = (changedMs: number) => tips.totalsOf({ ...paid, changedMs });
  expect(totals(eve)).toEqual(["match:a match", "given:payer", "received:payee", "day:2026-12-31"]);
  expect(totals(eve + 1)).toContain("day:2027-01-01");
});

it("no command mutates its tip", () => {
  const before = JSON.stringify([offer, bill]);
  const frozen = (tip: Tip) => Object.freeze({ ...tip });
  invoiced(frozen(offer), payee, invoice, NOW_MS);
  settled(frozen(bill), payer, PREIMAGE, NOW_MS);
  cancelled(frozen(offer), payer, NOW_MS);
  expired(frozen(bill), bill.deadlineMs);
  expect(JSON.stringify([offer, bill])).toBe(before);
  expect(offered(offer, NOW_MS)).not.toBe(offer);
});
