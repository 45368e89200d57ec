import { createHash } from "node:crypto";
import { DomainError, type Reason } from "../../../src/core/errors.js";
import type { MatchId, SessionId, TipId } from "../../../src/core/ids.js";
import type { Invoice } from "../../../src/core/invoice.js";
import * as tips from "../../../src/core/tip.js";
import { cancelled, expired, invoiced, settled } from "../../../src/core/tip.js";

export const NOW_MS = 1_800_000_000_000;
export const [payer, payee, stranger] = ["payer", "payee", "stranger"] as SessionId[] as [
  SessionId,
  SessionId,
  SessionId,
];
export const PREIMAGE = "5a".repeat(32);
export const paymentHash = createHash("sha256").update(PREIMAGE, "hex").digest("hex");
export const invoice: Invoice = { text: "lnbcrt210n1", paymentHash, amountMsat: 21_000, expiresMs: NOW_MS + 600_000 };
export const other: Invoice = { ...invoice, text: "lnbcrt210n2", paymentHash: "00".repeat(32) };

export const offer = tips.offered(
  {
    ...{ id: "a tip" as TipId, matchId: "a match" as MatchId, payerId: payer, payeeId: payee },
    ...{ amountMsat: 21_000, comment: "well said" },
  },
  NOW_MS,
);
export const bill = invoiced(offer, payee, invoice, NOW_MS + 1);
export const paid = settled(bill, payer, PREIMAGE, NOW_MS + 2);
export const declined = cancelled(offer, payee, NOW_MS + 1);
export const withdrawn = cancelled(offer, payer, NOW_MS + 1);
export const late = expired(offer, NOW_MS + tips.INVOICE_MS);
export const unpaid = expired(bill, bill.deadlineMs);
export const finals = { paid, declined, withdrawn, late, unpaid };

/** The reason for which a command is refused. */
export function reasonOf(command: () => unknown): Reason | undefined {
  try {
    command();
    return undefined;
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return error.reason;
  }
}
