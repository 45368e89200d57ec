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

/** What all wallets announce: the fields have any length, and the secret is required. */
const usual = featuresField(8, 14);

type Draft = Parameters<typeof make.invoice>[0];

/** A usual invoice with changes. */
function changed(draft: Draft, ...fields: make.Field[]): string {
  return make.invoice({ createdMs: now(), ...draft, fields: [usual, ...fields] });
}

/** A usual invoice with further fields. */
function plus(...fields: make.Field[]): string {
  return changed({}, ...fields);
}

/** An invoice of exactly these fields. */
function of(...fields: make.Field[]): string {
  return make.signedInvoice({ prefix: make.PREFIX, createdMs: now(), fields });
}

function payable(): Record<string, string> {
  const hash = make.hashField();
  return {
    "a usual one": plus(),
    "names its node": make.namedInvoice({ createdMs: now(), fields: [usual] }),
    "in capitals": plus().toUpperCase(),
    "an empty description": of(hash, secret(), make.textField(""), usual),
    "a hash of a description": of(hash, secret(), textHash(), usual),
    "no expiry": of(hash, secret(), text(), usual),
    "lives a week": changed({ expirySeconds: 7 * DAY_SECONDS }),
    "no features": of(hash, secret(), text()),
    "a payment in parts": of(hash, secret(), text(), featuresField(8, 14, 17)),
    "an unknown feature that is optional": of(hash, secret(), text(), featuresField(8, 14, 101)),
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
  const intact = plus();
  const hash = make.hashField();
  return {
    "no secret": of(hash, text(), usual),
    "a secret of a wrong length": of(hash, ["s", wordsOf(randomBytes(31))], text(), usual),
    "neither description nor hash of one": of(hash, secret(), usual),
    "a description and a hash of one": of(hash, secret(), text(), textHash(), usual),
    "no payment hash": of(secret(), text(), usual),
    "a hash of a wrong length": of(["p", wordsOf(randomBytes(31))], secret(), text(), usual),
    "an unknown feature that is required": of(hash, secret(), text(), featuresField(8, 14, 100)),
    "5,000 blocks for the last hop": plus(deltaField(5_000)),
    "no amount": changed({ prefix: "lnbcrt" }),
    "an amount in tenths of a millisatoshi": changed({ prefix: "lnbcrt210001p" }),
    "an unknown multiplier": changed({ prefix: "lnbcrt210x" }),
    "for Bitcoin": changed({ prefix: "lnbc210n" }),
    "for testnet": changed({ prefix: "lntb210n" }),
    expired: changed({ createdMs: now() - 3600_000, expirySeconds: 60 }),
    "signed by another than the node it names": plus(make.nodeField(randomBytes(32))),
    "a wrong checksum": intact.slice(0, -1) + (intact.endsWith("q") ? "p" : "q"),
    "capitals and small letters": intact.slice(0, 20) + intact.slice(20).toUpperCase(),
    "cut short": intact.slice(0, 100),
    "a BOLT 12 offer": "lno1qgsqvgnwgcg35z6ee2h3yczraddm72xrfua9uve2rlrm9deu7xyfzrc",
    nothing: "",
  };
}

export function invoiceCases(): InvoiceCase[] {
  const all = (texts: Record<string, string>, isPayable: boolean) =>
    Object.entries(texts).map(([name, one]) => ({ name, text: one, isPayable }));
  return [...all(payable(), true), ...all(unpayable(), false)];
}
