import { createECDH } from "node:crypto";
import type { InvoiceProblem } from "../../../src/core/invoice.js";
import { fromWords, toWords, wordsOf } from "./bech32.js";
import { f, raiseS, resigned, vector } from "./vectors.js";

// The properties of the test vectors in BOLT 11, valid and invalid, and further ones, in invoices of our own.

export type Verdict = InvoiceProblem | "accepted";
/** The amount is that of the tip. */
export type Row = [name: string, verdict: Verdict, text: string, amountMsat?: number];

const usual = [f.secret(), f.hash(), f.text("a tip")];
const bits = f.features(8, 14);
const all = [...usual, bits];
export const plain = vector("lnbc250u", ...all);
const ignored = [
  ...[f.zeros("2", 3), f.address(19, 20)],
  ...["p", "h", "s"].flatMap((name) => [f.zeros(name, 51), f.zeros(name, 53)]),
  ...[f.zeros("n", 52), f.zeros("n", 54)],
];
const week = 7 * 24 * 60 * 60;

export const highS = "a signature in its high form, without the name of its node";

/** Valid invoices, and the verdict on each by the terms of a tip. */
export const valid: Row[] = [
  ["any amount, which a tip must name", "amount", vector("lnbc", ...all)],
  ["a description, and an expiry of a minute", "accepted", vector("lnbc250u", ...all, f.expiry(60))],
  [
    "a description in other scripts",
    "accepted",
    vector("lnbc250u", f.secret(), f.hash(), f.text("ありがとう ü"), bits),
  ],
  ["an empty description", "accepted", vector("lnbc250u", f.secret(), f.hash(), f.text(""), bits)],
  ["a hash of a description", "accepted", vector("lnbc250u", f.secret(), f.hash(), f.textHash(), bits)],
  ["testnet on mainnet", "network", vector("lntb250u", ...all, f.address(17, 20))],
  ["a P2PKH address and a route over two nodes", "accepted", vector("lnbc250u", ...all, f.address(17, 20), f.route(2))],
  ["a P2SH address", "accepted", vector("lnbc250u", ...all, f.address(18, 20))],
  ["a P2WPKH address", "accepted", vector("lnbc250u", ...all, f.address(0, 20))],
  ["a P2WSH address", "accepted", vector("lnbc250u", ...all, f.address(0, 32))],
  ["a P2TR address", "accepted", vector("lnbc250u", ...all, f.address(1, 32))],
  [
    "several addresses and routes",
    "accepted",
    vector("lnbc250u", ...all, f.address(1, 32), f.address(0, 20), f.route(1), f.route(3)),
  ],
  [
    "an amount in pico-bitcoin, an expiry of a week and a delta",
    "accepted",
    vector("lnbc250001230p", ...all, f.expiry(week), f.delta(10), f.route(1)),
    25_000_123,
  ],
  ["features 8, 14 and 99", "accepted", vector("lnbc250u", ...usual, f.features(8, 14, 99))],
  ["the same in capitals", "accepted", vector("lnbc250u", ...usual, f.features(8, 14, 99)).toUpperCase()],
  ["features 9, 15 and 17, none of them required", "accepted", vector("lnbc250u", ...usual, f.features(9, 15, 17))],
  [
    "parts and blinded paths, as required features",
    "accepted",
    vector("lnbc250u", ...usual, f.features(8, 14, 16, 24)),
  ],
  ["fields that must be ignored", "accepted", vector("lnbc250u", ...all, ...ignored)],
  ["fields that must be ignored, before those that count", "accepted", vector("lnbc250u", ...ignored, ...all)],
  ["metadata", "accepted", vector("lnbc250u", ...usual, f.metadata(), f.features(8, 14, 48))],
  ["the name of its node", "accepted", vector("lnbc250u", ...all, f.node())],
  [highS, "accepted", resigned(plain, raiseS)],
  ["a delta of 2,016 blocks", "accepted", vector("lnbc250u", ...all, f.delta(2_016))],
  ["milli-bitcoin", "accepted", vector("lnbc10m", ...all), 1_000_000_000],
  ["nano-bitcoin", "accepted", vector("lnbc10n", ...all), 1_000],
  ["bitcoin", "amount", vector("lnbc1", ...all)],
];

/** Invoices that must not be paid, or not for a tip. */
export const invalid: Row[] = [
  ["feature 100, which is required and unknown", "features", vector("lnbc250u", ...usual, f.features(8, 14, 99, 100))],
  ["feature 26, which is not one of invoices", "features", vector("lnbc250u", ...usual, f.features(8, 14, 26))],
  ["a wrong checksum", "malformed", plain.slice(0, -1) + (plain.endsWith("q") ? "p" : "q")],
  ["no 1", "malformed", plain.slice(plain.lastIndexOf("1") + 1)],
  ["both cases", "malformed", `LNBC250u${plain.slice("lnbc250u".length)}`],
  [
    "a signature that yields no key",
    "signature",
    resigned(plain, (signature) => signature.fill(0, 0, 31).fill(5, 31, 32)),
  ],
  ["a signature of zeros", "signature", resigned(plain, (signature) => signature.fill(0))],
  ["an unknown recovery ID", "signature", resigned(plain, (signature) => signature.fill(4, 64))],
  ["less than a signature", "malformed", fromWords({ prefix: "lnbc250u", words: toWords(plain).words.slice(0, 110) })],
  ["an unknown multiplier", "malformed", vector("lnbc250x", ...all)],
  ["a multiplier without a number", "malformed", vector("lnbcu", ...all)],
  ["a fraction of a millisatoshi", "malformed", vector("lnbc250001231p", ...all)],
  ["no payment secret", "secret", vector("lnbc250u", f.hash(), f.text("a tip"), bits)],
  [
    "a payment secret of another length only",
    "secret",
    vector("lnbc250u", f.hash(), f.text("a tip"), bits, f.zeros("s", 51)),
  ],
  ["a high signature and the name of its node", "signature", resigned(vector("lnbc250u", ...all, f.node()), raiseS)],
  ["the name of another node", "signature", vector("lnbc250u", ...all, otherNode())],
  ["a name that is no key", "signature", vector("lnbc250u", ...all, f.zeros("n", 53))],
  ["no payment hash", "malformed", vector("lnbc250u", f.secret(), f.text("a tip"), bits)],
  [
    "a payment hash of another length only",
    "malformed",
    vector("lnbc250u", f.secret(), f.text("a tip"), bits, f.zeros("p", 53)),
  ],
  ["two payment hashes", "malformed", vector("lnbc250u", ...all, f.zeros("p", 52))],
  ["neither a description nor a hash of one", "description", vector("lnbc250u", f.secret(), f.hash(), bits)],
  [
    "a hash of a description of another length only",
    "description",
    vector("lnbc250u", f.secret(), f.hash(), bits, f.zeros("h", 51)),
  ],
  ["a description and a hash of one", "description", vector("lnbc250u", ...all, f.textHash())],
  ["a delta of 2,017 blocks", "delta", vector("lnbc250u", ...all, f.delta(2_017))],
  ["a delta of 5,000 blocks", "delta", vector("lnbc250u", ...all, f.delta(5_000))],
  ["a delta beyond all numbers", "delta", vector("lnbc250u", ...all, ["c", new Array<number>(1_023).fill(31)])],
  ["an expiry of 31 days", "expiry", vector("lnbc250u", ...all, f.expiry(31 * 24 * 60 * 60))],
  ["an expiry of ten seconds", "expiry", vector("lnbc250u", ...all, f.expiry(10))],
  ["no time to pay it", "expired", vector("lnbc250u", ...all, f.expiry(0))],
  ["an unknown network", "malformed", vector("lnsb250u", ...all)],
  ["another amount", "amount", vector("lnbc251u", ...all)],
];

function otherNode(): [string, number[]] {
  const other = createECDH("secp256k1");
  other.setPrivateKey(Buffer.alloc(32, 7));
  return ["n", wordsOf(other.getPublicKey(null, "compressed"))];
}
