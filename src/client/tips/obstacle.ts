import { readInvoice } from "./invoice.js";
import type { Tip } from "./types.js";
import type { PendingTip } from "./pending-tips.js";

/**
 * Why an invoice must not be paid, if there is a reason. It is held against what the person agreed to when the tip was
 * offered, not against what the server says of the tip.
 */
export function findObstacle(tip: Tip, agreed: PendingTip, nowMs: number): string | undefined {
  const invoice = readInvoice(tip.invoice ?? "");
  if (!invoice) return "The invoice is damaged.";
  if (invoice.network !== agreed.network) return "The invoice is for another network.";
  if (invoice.amountMsat !== agreed.amountMsat || tip.amountMsat !== agreed.amountMsat) {
    return "The invoice is over another amount.";
  }
  if (invoice.paymentHash === undefined) return "The invoice names no payment.";
  if (nowMs >= (tip.invoiceExpiresAtMs ?? Infinity)) return "The invoice has expired.";
  return undefined;
}
