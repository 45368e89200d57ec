import { Bolt11Invoice, Result_Bolt11InvoiceParseOrSemanticErrorZ_OK } from "lightningdevkit";
import { createECDH } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decodeBolt11 } from "../../src/core/bolt11.js";
import { DomainError } from "../../src/core/errors.js";
import { parseInvoice } from "../../src/core/invoice.js";
import { loadEngine } from "../support/lightning/engine.js";
import { signerOf } from "./support/invoices.js";
import { highS, invalid, plain, type Row, valid, type Verdict } from "./support/vector-rows.js";
import { CREATED_MS, NODE_KEY } from "./support/vectors.js";

function judge([, , text, amountMsat = 25_000_000]: Row): { verdict: Verdict; why: string } {
  try {
    const { paymentHash } = parseInvoice(text, { network: "bitcoin", amountMsat }, CREATED_MS);
    expect(paymentHash).toBe(decodeBolt11(plain).paymentHash);
    return { verdict: "accepted", why: "" };
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return { verdict: error.context.problem as Verdict, why: error.message };
  }
}

const lines: string[] = [];
function note(kind: string, row: Row): void {
  const { verdict, why } = judge(row);
  lines.push(`${kind.padEnd(8)} ${row[0].padEnd(60)} ${verdict.padEnd(12)} ${why}`);
  expect(verdict).toBe(row[1]);
}
afterAll(() => {
  process.stdout.write(`\nverdicts on vectors of BOLT 11\n${lines.join("\n")}\n`);
});

describe("a valid invoice is judged by the terms of a tip", () => {
  it.each(valid)("%s: %s", (...row) => {
    note("valid", row);
  });
});

describe("an invoice that must not be paid is refused for what is wrong with it", () => {
  it.each(invalid)("%s: %s", (...row) => {
    note("invalid", row);
  });
});

describe("an accepted invoice", () => {
  beforeAll(() => loadEngine());
  const accepted = valid.filter(([, verdict]) => verdict === "accepted");
  /** LDK 0.1 is older than these two rules. */
  const newer = ["parts and blinded paths, as required features", highS];

  it.each(accepted)("is one that a Lightning node can read, too: %s", (name, _verdict, text) => {
    const read = Bolt11Invoice.constructor_from_str(text);
    const isRead = read instanceof Result_Bolt11InvoiceParseOrSemanticErrorZ_OK;
    expect(isRead).toBe(!newer.includes(name));
    if (!isRead) return;
    const { res } = read;
    expect(Buffer.from(res.payment_hash()).toString("hex")).toBe(decodeBolt11(text).paymentHash);
    expect(Buffer.from(res.recover_payee_pub_key()).toString("hex")).toBe(signerOf(text));
  });

  it("is signed by the node that made it", () => {
    const node = createECDH("secp256k1");
    node.setPrivateKey(NODE_KEY);
    for (const [name, , text] of accepted) {
      if (name !== highS) expect(signerOf(text)).toBe(node.getPublicKey("hex", "compressed"));
    }
  });
});
