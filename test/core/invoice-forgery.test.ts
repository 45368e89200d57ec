import fc from "fast-check";
import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseInvoice } from "../../src/core/invoice.js";
import { loadEngine } from "../support/lightning/engine.js";
import { LightningNode } from "../support/lightning/node.js";
import { ALPHABET, fromWords, numberWords, toWords, wordsOf } from "./support/bech32.js";
import * as make from "./support/invoices.js";
import {
  AMOUNT,
  hashOf,
  invoice,
  namedInvoice,
  NOW_MS,
  PREFIX,
  problemOf,
  signerOf,
  terms,
} from "./support/invoices.js";

let node: LightningNode;
beforeAll(async () => {
  await loadEngine();
  node = new LightningNode();
});
afterAll(() => node.close());

describe("a forged invoice", () => {
  /** Changes an invoice and corrects its checksum. */
  const forge = (text: string, change: (parts: ReturnType<typeof toWords>) => void) => {
    const parts = toWords(text);
    change(parts);
    return fromWords(parts);
  };
  const raise = (parts: { prefix: string }) => (parts.prefix = PREFIX);
  const lower = namedInvoice({ prefix: "lnbcrt20n" });

  it("with a higher amount is refused if it names its node", () => {
    expect(problemOf(lower)).toBe("amount");
    expect(problemOf(forge(lower, raise))).toBe("signature");
  });

  it("with any change and a correct checksum is refused as long as it names its node", () => {
    const text = node.makeInvoice(AMOUNT, "from a node");
    const { words } = toWords(text);
    let refused = 0;
    fc.assert(
      fc.property(fc.nat(words.length - 1), fc.integer({ min: 1, max: 31 }), (index, flip) => {
        const forged = forge(text, (parts) => (parts.words[index] = (parts.words[index] ?? 0) ^ flip));
        if (problemOf(forged, Date.now()) !== undefined) refused++;
        // Its name became a field that counts for nothing; or it was the recovery ID, which no name needs.
        else if (index < words.length - 2) expect(signerOf(forged)).not.toBe(node.id);
      }),
      { numRuns: 400 },
    );
    expect(refused).toBeGreaterThan(300);
  });

  it("is refused if any single character was changed", () => {
    const text = node.makeInvoice(AMOUNT, "from a node");
    const characters = fc.constantFrom(...Array.from(`${ALPHABET}${ALPHABET.toUpperCase()}1bio0 .-é`));
    fc.assert(
      fc.property(fc.nat(text.length - 1), characters, (index, character) => {
        fc.pre(text[index] !== character);
        expect(problemOf(text.slice(0, index) + character + text.slice(index + 1), Date.now())).toBeDefined();
      }),
      { numRuns: 400 },
    );
  });

  it("without a node ID belongs to some other node, which only a payment attempt reveals", () => {
    const text = invoice({ prefix: "lnbcrt20n" });
    const forged = forge(text, raise);
    expect(problemOf(forged)).toBeUndefined();
    expect(signerOf(forged)).not.toBe(signerOf(text));
    expect(parseInvoice(forged, terms, NOW_MS).paymentHash).toBe(hashOf(text, "regtest"));
  });

  it("without a node ID and with another signature belongs to some other node, or none", () => {
    const text = invoice();
    fc.assert(
      fc.property(fc.nat(103), fc.integer({ min: 1, max: 31 }), (index, flip) => {
        const forged = forge(text, ({ words }) => {
          const at = words.length - 104 + index;
          words[at] = (words[at] ?? 0) ^ flip;
        });
        const problem = problemOf(forged);
        if (problem === undefined) expect(signerOf(forged)).not.toBe(signerOf(text));
        else expect(problem).toBe("signature");
      }),
      { numRuns: 100 },
    );
  });

  it("is refused if it names another node than the signer", () => {
    expect(problemOf(invoice({ fields: [make.nodeField(randomBytes(32))] }))).toBe("signature");
    expect(problemOf(invoice({ fields: [["n", new Array<number>(53).fill(0)]] }))).toBe("signature");
  });
});

describe("a malformed invoice is refused", () => {
  it.each([
    ["nothing", ""],
    ["words", "please pay me"],
    ["an address", "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080"],
    ["only a prefix with an amount", "lnbcrt210n1"],
    ["only a known prefix", "lnbcrt"],
    ["4,096 letters", "lnbcrt210n1".padEnd(4_096, "q")],
    ["4,096 digits", "1".repeat(4_096)],
    ["an offer", "lno1qgsqvgnwgcg35z6ee2h3yczraddm72xrfua9uve2rlrm9deu7xyfzrc"],
  ])("%s", (_what, text) => expect(problemOf(text)).toBe("malformed"));

  it("with a wrong checksum, or in mixed case", () => {
    const text = namedInvoice();
    const last = text.endsWith("q") ? "p" : "q";
    expect(problemOf(text.slice(0, -1) + last)).toBe("malformed");
    expect(problemOf(text.slice(0, 20) + text.slice(20).toUpperCase())).toBe("malformed");
  });

  it("without a payment hash, or with one of another length", () => {
    const without = [make.secretField(), make.textField(""), make.expiryField(60)];
    const with_ = (...fields: make.Field[]) =>
      make.signedInvoice({ prefix: PREFIX, createdMs: NOW_MS, fields: [...without, ...fields] });
    expect(problemOf(with_())).toBe("malformed");
    expect(problemOf(with_(["p", []]))).toBe("malformed");
    expect(problemOf(with_(["p", wordsOf(randomBytes(31))]))).toBe("malformed");
    expect(problemOf(with_(make.hashField()))).toBeUndefined();
  });

  it.each([
    ["payment hash", make.hashField()],
    ["payment secret", make.secretField()],
    ["description", make.textField("another")],
    ["expiry", make.expiryField(60)],
  ])("with another %s", (_what, field) => expect(problemOf(namedInvoice({ fields: [field] }))).toBe("malformed"));

  it("but not with the same payment hash twice, which all wallets read alike", () => {
    const hash = make.hashField();
    const fields = [hash, make.secretField(), make.textField(""), hash];
    expect(problemOf(make.signedInvoice({ prefix: PREFIX, createdMs: NOW_MS, fields }))).toBeUndefined();
  });

  it("with an expiry beyond all dates and numbers, as it never expires", () => {
    for (const endless of [numberWords(2 ** 52), new Array<number>(1_023).fill(31)]) {
      const fields = [make.hashField(), make.secretField(), make.textField(""), ["x", endless] as make.Field];
      expect(problemOf(make.signedInvoice({ prefix: PREFIX, createdMs: NOW_MS, fields }))).toBe("expiry");
    }
  });

  it("with a field that is longer than the invoice", () => {
    const { prefix, words } = toWords(invoice());
    const cut = [...words.slice(0, -104), ALPHABET.indexOf("d"), 31, 31, ...words.slice(-104)];
    expect(problemOf(fromWords({ prefix, words: cut }))).toBe("malformed");
    expect(problemOf(fromWords({ prefix, words: cut.toSpliced(-105, 1) }))).toBe("malformed");
  });

  it("with a reason only, whatever the text", () => {
    const words = fc.array(fc.nat(31), { maxLength: 400 });
    fc.assert(
      fc.property(words, (all) => {
        expect(problemOf(fromWords({ prefix: PREFIX, words: all }))).toMatch(/malformed|signature/);
      }),
      { numRuns: 200 },
    );
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(problemOf(text)).toBe("malformed");
      }),
    );
  });
});
