import { randomBytes } from "node:crypto";
import { numberWords, wordsOf } from "../../core/support/bech32.js";
import * as make from "../../core/support/invoices.js";

/** An invoice for 21 satoshis, except where its case is about the amount, and whether a tip may be paid with it. */
export interface InvoiceCase {
  name: string;
  text: string;
  isPayable: boolean;
}

const DAY_SECONDS = 24 * 3600;
const now = () => Math.floor(Date.now() / 1000) * 1000;
const secret = make.secretField;
const text = () => make.textField("a tip");
const textHash: () => make.Field = () => ["h", wordsOf(randomBytes(32))];
const deltaField = (blocks: number): make.Field => ["c", numberWords(blocks)];

/** The features of an invoice, by the numbers of their bits. */
function featuresField(...bits: number[]): make.Field {
  const value = bits.reduce((sum, bit) => sum | (1n << BigInt(bit)), 0n);
  const words: number[] = [];
  for (let rest = value; rest > 0n; rest >>= 5n) words.unshift(Number(rest & 31n));
  return ["9", words];
}

/** An invoice of exactly these fields, with a payment hash. */
function of(...fields: make.Field[]): string {
  return make.signedInvoice({ prefix: make.PREFIX, createdMs: now(), fields: [make.hashField(), ...fields] });
}

/** A usual invoice with further fields. */
function plus(...fields: make.Field[]): string {
  return make.invoice({ createdMs: now(), fields });
}

function payable(): Record<string, string> {
  return {
    "a usual one": plus(),
    "names its node": make.namedInvoice({ createdMs: now() }),
    "in capitals": plus().toUpperCase(),
    "an empty description": of(secret(), make.textField("")),
    "a hash of a description": of(secret(), textHash()),
    "no expiry": of(secret(), text()),
    "lives a week": make.invoice({ createdMs: now(), expirySeconds: 7 * DAY_SECONDS }),
    "the usual features": plus(featuresField(8, 14, 17)),
    "an unknown feature that is optional": plus(featuresField(8, 14, 101)),
    "a route hint": plus(make.routeField()),
    "144 blocks for the last hop": plus(deltaField(144)),
    "an unknown field": plus(["y", numberWords(7, 3)]),
    "an unknown kind of address": plus(["f", [31, 1, 2, 3]]),
    "a second hash of a wrong length": plus(["p", wordsOf(randomBytes(31))]),
    "a node of a wrong length": plus(["n", wordsOf(randomBytes(31))]),
    "a second secret of a wrong length": plus(["s", wordsOf(randomBytes(31))]),
  };
}

function unpayable(): Record<string, string> {
  const usual = plus();
  return {
    "no secret": of(text()),
    "a secret of a wrong length": of(["s", wordsOf(randomBytes(31))], text()),
    "neither description nor hash of one": of(secret()),
    "a description and a hash of one": of(secret(), text(), textHash()),
    "no payment hash": make.signedInvoice({ prefix: make.PREFIX, createdMs: now(), fields: [secret(), text()] }),
    "an unknown feature that is required": plus(featuresField(8, 14, 100)),
    "5,000 blocks for the last hop": plus(deltaField(5_000)),
    "no amount": make.invoice({ createdMs: now(), prefix: "lnbcrt" }),
    "an amount in tenths of a millisatoshi": make.invoice({ createdMs: now(), prefix: "lnbcrt210001p" }),
    "an unknown multiplier": make.invoice({ createdMs: now(), prefix: "lnbcrt210x" }),
    "for Bitcoin": make.invoice({ createdMs: now(), prefix: "lnbc210n" }),
    "for testnet": make.invoice({ createdMs: now(), prefix: "lntb210n" }),
    "expired": make.invoice({ createdMs: now() - 3600_000, expirySeconds: 60 }),
    "signed by another than the node it names": plus(make.nodeField(randomBytes(32))),
    "a wrong checksum": usual.slice(0, -1) + (usual.endsWith("q") ? "p" : "q"),
    "capitals and small letters": usual.slice(0, 20) + usual.slice(20).toUpperCase(),
    "cut short": usual.slice(0, 100),
    "a BOLT 12 offer": "lno1qgsqvgnwgcg35z6ee2h3yczraddm72xrfua9uve2rlrm9deu7xyfzrc",
    "nothing": "",
  };
}

export function invoiceCases(): InvoiceCase[] {
  const all = (texts: Record<string, string>, isPayable: boolean) =>
    Object.entries(texts).map(([name, one]) => ({ name, text: one, isPayable }));
  return [...all(payable(), true), ...all(unpayable(), false)];
}
