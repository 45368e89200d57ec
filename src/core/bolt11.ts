import { secp256k1 } from "@noble/curves/secp256k1.js";
import { bech32 } from "@scure/base";
import { createHash } from "node:crypto";
import { refuseInvoice } from "./invoice-problem.js";

/** What an invoice says; only its format and its signature are verified. */
export interface Bolt11 {
  /** Such as `bc`. */
  currency: string;
  /** Undefined if the payer chooses. */
  amountMsat: bigint | undefined;
  createdMs: number;
  /** The key of the node that signed it, in hexadecimal. */
  nodeId: string;
  paymentHash: string | undefined;
  hasSecret: boolean;
  hasDescription: boolean;
  hasDescriptionHash: boolean;
  /** Undefined stands for the default, as below. These are infinite if they exceed all numbers. */
  expirySeconds: number | undefined;
  finalDeltaBlocks: number | undefined;
  /** The numbers of the features that a payer must know. */
  requiredFeatures: number[];
}

/** The letters of field types in bech32, by number. Fields of other types are skipped. */
type FieldName = "p" | "9" | "x" | "d" | "s" | "n" | "h" | "c";
const fieldNames = new Map<number, FieldName>([
  [1, "p"],
  [5, "9"],
  [6, "x"],
  [13, "d"],
  [16, "s"],
  [19, "n"],
  [23, "h"],
  [24, "c"],
]);

/** The lengths of fixed fields, in words. Fields of other lengths are skipped, as the test vectors of BOLT 11 demand. */
const fixedLengths: Partial<Record<FieldName, number>> = { p: 52, s: 52, h: 52, n: 53 };

const TIMESTAMP_WORDS = 7;
const SIGNATURE_WORDS = 104;
/** Type and length, before the data of each field. */
const FIELD_HEAD_WORDS = 3;
/** Tenths of a millisatoshi in one unit of each multiplier, so that pico is a whole number. */
const tenthsOfMsat: Record<string, bigint> = {
  "": 1_000_000_000_000n,
  m: 1_000_000_000n,
  u: 1_000_000n,
  n: 1_000n,
  p: 1n,
};

/**
 * Decodes an invoice (BOLT 11) in time linear in its length.
 * @throws DomainError `field_invalid` with the problem `malformed` or `signature`
 */
export function decodeBolt11(text: string): Bolt11 {
  const { prefix, words } = readBech32(text);
  const [, currency = "", digits, multiplier = ""] = /^ln([a-z]+?)(?:(\d+)([a-z]?))?$/.exec(prefix) ?? [];
  if (currency === "") refuseInvoice("malformed", "does not begin like a BOLT 11 invoice");
  const amountMsat = digits === undefined ? undefined : readAmount(digits, multiplier);
  if (words.length < TIMESTAMP_WORDS + SIGNATURE_WORDS) refuseInvoice("malformed", "is too short: a part is missing");
  const { fields, ambiguous } = readFields(words.slice(TIMESTAMP_WORDS, -SIGNATURE_WORDS));
  const nodeId = signerOf(prefix, words, fields.get("n"));
  if (ambiguous !== undefined) refuseInvoice("malformed", `has two different fields of type ${ambiguous}`);
  const numberIn = (name: FieldName) => {
    const data = fields.get(name);
    return data && toNumber(data);
  };
  const hash = fields.get("p");
  return {
    currency,
    amountMsat,
    createdMs: toNumber(words.slice(0, TIMESTAMP_WORDS)) * 1000,
    nodeId,
    paymentHash: hash && toBytes(hash).toString("hex"),
    hasSecret: fields.has("s"),
    hasDescription: fields.has("d"),
    hasDescriptionHash: fields.has("h"),
    expirySeconds: numberIn("x"),
    finalDeltaBlocks: numberIn("c"),
    requiredFeatures: evenBits(fields.get("9") ?? []),
  };
}

function readBech32(text: string): { prefix: string; words: number[] } {
  if (text !== text.toLowerCase() && text !== text.toUpperCase()) {
    refuseInvoice("malformed", "mixes capitals and small letters");
  }
  if (!/^ln.*1/i.test(text))
    refuseInvoice("malformed", "is not a BOLT 11 invoice: those begin with ln and contain a 1");
  const decoded = bech32.decodeUnsafe(text, false);
  return decoded ?? refuseInvoice("malformed", "has a wrong checksum: a character was changed or is missing");
}

function readAmount(digits: string, multiplier: string): bigint {
  const unit = tenthsOfMsat[multiplier];
  if (unit === undefined) refuseInvoice("malformed", `has an amount in an unknown unit: ${multiplier}`);
  if (digits.startsWith("0") || digits.length > 18) refuseInvoice("malformed", "has an amount that is no valid number");
  const tenths = BigInt(digits) * unit;
  if (tenths % 10n !== 0n) refuseInvoice("malformed", "has an amount with a fraction of a millisatoshi");
  return tenths / 10n;
}

/**
 * Returns the fields that count, and the name of one whose repetition is `ambiguous`. BOLT 11 lets a writer add each of
 * them once. Of repeated ones, some wallets use the first and some the last, but a payer must know which hash is paid.
 */
function readFields(words: readonly number[]): { fields: Map<FieldName, number[]>; ambiguous: FieldName | undefined } {
  const fields = new Map<FieldName, number[]>();
  let ambiguous: FieldName | undefined;
  for (let at = 0; at < words.length;) {
    const [type = 0, high = 0, low = 0] = words.slice(at, at + FIELD_HEAD_WORDS);
    const end = at + FIELD_HEAD_WORDS + high * 32 + low;
    if (end > words.length) refuseInvoice("malformed", "has a field that is cut off");
    const data = words.slice(at + FIELD_HEAD_WORDS, end);
    at = end;
    const name = fieldNames.get(type);
    if (name === undefined || data.length !== (fixedLengths[name] ?? data.length)) continue;
    const first = fields.get(name);
    if (first === undefined) fields.set(name, data);
    else if (first.join() !== data.join()) ambiguous ??= name;
  }
  return { fields, ambiguous };
}

/**
 * Returns the key that signed the invoice. If it names one (`named`), the signature must be of that key and in its low
 * form; otherwise both forms yield a key.
 */
function signerOf(prefix: string, words: readonly number[], named: readonly number[] | undefined): string {
  const data = words.slice(0, -SIGNATURE_WORDS);
  const signed = toBytes([...data, 0, 0]).subarray(0, Math.ceil((data.length * 5) / 8)); // filled up with zeros
  const digest = createHash("sha256").update(prefix, "utf8").update(signed).digest();
  const signature = toBytes(words.slice(-SIGNATURE_WORDS));
  const [recovery, compact] = [signature.subarray(64), signature.subarray(0, 64)];
  const options = { prehash: false };
  try {
    if ((recovery[0] ?? 0) > 3) throw new Error("no such recovery ID");
    if (named === undefined) {
      return hex(secp256k1.recoverPublicKey(Buffer.concat([recovery, compact]), digest, options));
    }
    if (secp256k1.verify(compact, digest, toBytes(named), options)) return hex(toBytes(named));
  } catch {
    // no point of the curve
  }
  return refuseInvoice("signature", "has an invalid signature");
}

/** The numbers of the set even bits of a big-endian number. */
function evenBits(words: readonly number[]): number[] {
  const lowestFirst = [...words].reverse().flatMap((word) => [1, 2, 4, 8, 16].map((bit) => (word & bit) !== 0));
  return lowestFirst.flatMap((isSet, bit) => (isSet && bit % 2 === 0 ? [bit] : []));
}

function toNumber(words: readonly number[]): number {
  return words.reduce((number, word) => number * 32 + word, 0);
}

/** The whole bytes in five-bit words. */
function toBytes(words: readonly number[]): Buffer {
  const bytes = Buffer.alloc(Math.floor((words.length * 5) / 8));
  let [value, bits, at] = [0, 0, 0];
  for (const word of words) {
    value = ((value << 5) | word) & 0xfff;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    bytes[at++] = value >> bits;
  }
  return bytes;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
