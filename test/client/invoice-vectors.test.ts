import { describe, expect, it } from "vitest";
import { readInvoice } from "../../src/client/tips/invoice.js";
import { invalid, type Row, valid } from "../core/support/vector-rows.js";

// The payer's client judges invoices by the same rules as the server, which it need not trust.

/** Whether a wallet may pay it, whatever the terms of the tip. */
function isPayable(text: string): boolean {
  const invoice = readInvoice(text);
  return invoice !== undefined && invoice.unpayable === undefined;
}

/** The terms of a tip, and what the payer's wallet checks: the signature. */
const notRead = new Set<Row[1]>(["amount", "network", "expiry", "expired", "signature"]);

describe("the client reads a valid invoice as payable", () => {
  it.each(valid)("%s", (_name, _verdict, text) => {
    expect(isPayable(text)).toBe(true);
  });
});

describe("the client reads an invoice that must not be paid as such", () => {
  it.each(invalid.filter(([, verdict]) => !notRead.has(verdict)))("%s: %s", (_name, _verdict, text) => {
    const invoice = readInvoice(text);
    expect(invoice?.network === undefined || invoice.unpayable !== undefined).toBe(true);
  });
});
