import { readInvoice } from "./invoice.js";
import type { Tip } from "./types.js";
import type { PendingTip } from "./pending-tips.js";

/**
 * Returns why an invoice must not be paid, or undefined if it may be. The invoice is compared with what the person
 * agreed to when the tip was offered, not with what the server says about the tip.
 */
export function invoiceProblem(tip: Tip, agreed: PendingTip, nowMs: number): string | undefined {
  const invoice = readInvoice(tip.invoice ?? "");
  if (!invoice) return "The invoice is not valid.";
  if (invoice.network !== agreed.network) return "The invoice is for a different network.";
  if (invoice.amountMsat !== agreed.amountMsat || tip.amountMsat !== agreed.amountMsat) {
    return "The invoice is for a different amount.";
  }
  if (invoice.unpayable !== undefined) return invoice.unpayable;
  if (nowMs >= (tip.invoiceExpiresAtMs ?? Infinity)) return "The invoice has expired.";
  return undefined;
}
