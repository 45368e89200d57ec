import { decode, sign } from "bolt11";
import { createECDH, randomBytes } from "node:crypto";
import { expect } from "vitest";
import { decodeBolt11 } from "../../../src/core/bolt11.js";
import { DomainError } from "../../../src/core/errors.js";
import {
  type InvoiceProblem,
  type InvoiceTerms,
  type LightningNetwork,
  parseInvoice,
} from "../../../src/core/invoice.js";
import { ALPHABET, fromWords, numberWords, wordsOf } from "./bech32.js";

/** The part of an invoice's prefix that names the network. */
export const prefixes = { bitcoin: "lnbc", testnet: "lntb", signet: "lntbs", regtest: "lnbcrt" } as const;

/** A field of an invoice: its type character and its words. */
export type Field = [name: string, words: number[]];

interface Signed {
  /** Such as `lnbcrt210n`. */
  prefix: string;
  createdMs: number;
  fields: Field[];
  key?: Buffer;
}

/** Signs arbitrary fields as an invoice, with a correct checksum. */
export function signedInvoice({ prefix, createdMs, fields, key = randomBytes(32) }: Signed): string {
  const tagged = fields.flatMap(([name, words]) => [ALPHABET.indexOf(name), ...numberWords(words.length, 2), ...words]);
  const words = [...numberWords(Math.floor(createdMs / 1000), 7), ...tagged];
  const wordsTemp = fromWords({ prefix: "temp", words });
  return sign({ prefix, wordsTemp, tags: [] }, key).paymentRequest ?? "";
}

const bytes = (length: number) => wordsOf(randomBytes(length));
export const hashField: () => Field = () => ["p", bytes(32)];
export const secretField: () => Field = () => ["s", bytes(32)];
export const textField: (text: string) => Field = (text) => ["d", wordsOf(Buffer.from(text))];
export const expiryField: (seconds: number) => Field = (seconds) => ["x", numberWords(seconds)];
/** A route hint over a private channel. */
export const routeField: () => Field = () => [
  "r",
  wordsOf(Buffer.concat([publicKey(randomBytes(32)), randomBytes(18)])),
];
/** Names the node with this key. */
export const nodeField: (key: Buffer) => Field = (key) => ["n", wordsOf(publicKey(key))];

function publicKey(key: Buffer): Buffer {
  const ecdh = createECDH("secp256k1");
  ecdh.setPrivateKey(key);
  return ecdh.getPublicKey(null, "compressed");
}

export const AMOUNT = 21_000;
export const PREFIX = "lnbcrt210n";
/** A whole second, as invoices have a resolution of seconds. */
export const NOW_MS = Math.floor(Date.now() / 1000) * 1000;
export const terms = { network: "regtest", amountMsat: AMOUNT } as const satisfies InvoiceTerms;

interface Draft {
  prefix?: string;
  createdMs?: number;
  expirySeconds?: number;
  fields?: Field[];
  key?: Buffer;
}

/** An invoice that is valid except for the given changes. */
export function invoice({
  prefix = PREFIX,
  createdMs = NOW_MS,
  expirySeconds = 600,
  fields = [],
  key,
}: Draft = {}): string {
  const usual = [hashField(), secretField(), textField("a tip"), expiryField(expirySeconds)];
  return signedInvoice({ prefix, createdMs, fields: [...usual, ...fields], ...(key && { key }) });
}

/** An invoice that names its signer. */
export function namedInvoice(draft: Draft = {}): string {
  const key = randomBytes(32);
  return invoice({ ...draft, key, fields: [nodeField(key), ...(draft.fields ?? [])] });
}

/** The reason for which an invoice is refused; undefined if it is accepted. */
export function problemOf(text: string, nowMs = NOW_MS, held: InvoiceTerms = terms): InvoiceProblem | undefined {
  try {
    parseInvoice(text, held, nowMs);
    return undefined;
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    expect(error).toMatchObject({ reason: "field_invalid", context: { field: "invoice" } });
    expect(error.message).toMatch(/^invoice: /);
    return error.context.problem as InvoiceProblem;
  }
}

function decodeAs(text: string, network: LightningNetwork) {
  const addresses = { pubKeyHash: 0, scriptHash: 5, validWitnessVersions: [0, 1] };
  return decode(text, { bech32: prefixes[network].slice(2), ...addresses });
}

export function hashOf(text: string, network: LightningNetwork): string {
  return decodeAs(text, network).tagsObject.payment_hash ?? "";
}

/** The node that signed it, if the signature belongs to one. */
export function signerOf(text: string): string {
  return decodeBolt11(text).nodeId;
}
