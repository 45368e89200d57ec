import * as ldk from "lightningdevkit";
import { parseInvoice } from "../../../src/core/invoice.js";
import { terms } from "../../core/support/invoices.js";
import { ElectrumError, type ElectrumWallet } from "../../support/lightning/electrum.js";

/** What a program does with an invoice; `why` has its own words if it refuses it. */
export interface Verdict {
  takes: boolean;
  why: string;
}

const taken: Verdict = { takes: true, why: "" };
const refused = (why: string): Verdict => ({ takes: false, why });

export function ours(text: string): Verdict {
  try {
    parseInvoice(text, terms, Date.now());
    return taken;
  } catch (error) {
    return refused(error instanceof Error ? error.message : "");
  }
}

/**
 * Electrum is asked to read it, and then to pay it. It finds no way to nodes that do not exist, but that is a failed
 * payment and not a refusal.
 */
export async function electrums(wallet: ElectrumWallet, invoice: string): Promise<Verdict> {
  try {
    await wallet.call("decode_invoice", { invoice });
    await wallet.pay(invoice);
    return taken;
  } catch (error) {
    if (!(error instanceof ElectrumError)) throw error;
    return refused(error.message);
  }
}

/** LDK reads it, and its payer checks the amount, the network and the time. */
export function ldks(text: string): Verdict {
  const read = ldk.Bolt11Invoice.constructor_from_str(text);
  if (!(read instanceof ldk.Result_Bolt11InvoiceParseOrSemanticErrorZ_OK)) return refused(errorOf(read));
  const invoice = read.res;
  if (invoice.currency() !== ldk.Currency.LDKCurrency_Regtest) return refused("another network");
  if (invoice.would_expire(BigInt(Math.floor(Date.now() / 1000)))) return refused("expired");
  const how = ldk.UtilMethods.constructor_payment_parameters_from_invoice(invoice);
  return how.is_ok() ? taken : refused("no amount");
}

function errorOf(read: ldk.Result_Bolt11InvoiceParseOrSemanticErrorZ): string {
  if (!(read instanceof ldk.Result_Bolt11InvoiceParseOrSemanticErrorZ_Err)) return "";
  return read.err.to_str();
}
