import type { TipTerms } from "./types.js";

const ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
/** Millisatoshis times ten of one unit of each multiplier, so that pico stays whole. */
const tenthsOfMsat: Record<string, bigint> = {
  "": 1_000_000_000_000n,
  m: 1_000_000_000n,
  u: 1_000_000n,
  n: 1_000n,
  p: 1n,
};
const networks: Record<string, TipTerms["network"]> = {
  bc: "bitcoin",
  tb: "testnet",
  tbs: "signet",
  bcrt: "regtest",
};
const TIMESTAMP_WORDS = 7;
const SIGNATURE_WORDS = 104;
const CHECKSUM_WORDS = 6;
const HASH_WORDS = 52;
/** Types of fields, by the value of their letter. */
const [HASH_FIELD, EXPIRY_FIELD] = [1, 6];
/** What BOLT 11 assumes when an invoice does not say how long it lives. */
const DEFAULT_EXPIRY_SECONDS = 3_600;
const [invoiceLength, generators] = [4_096, [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3]];

export interface InvoiceFacts {
  /** As everyone who pays it reads it. */
  text: string;
  /** Undefined: one that this client does not know. */
  network: TipTerms["network"] | undefined;
  /** In thousandths of a satoshi; undefined when the invoice leaves it open. */
  amountMsat: number | undefined;
  /** In hexadecimal; undefined when the invoice has none. */
  paymentHash: string | undefined;
  /** By the clock of the issuing wallet, in milliseconds. */
  expiresMs: number;
}

/**
 * What an invoice (BOLT 11) says, so that the payer does not depend on the server's word. The signature is left to the
 * wallet, which cannot find its way to the payee without it. Undefined: this is no invoice, or one that two readers may
 * understand differently.
 */
export function readInvoice(text: string): InvoiceFacts | undefined {
  const invoice = text.toLowerCase();
  if (invoice.length > invoiceLength || (text !== invoice && text !== text.toUpperCase())) return undefined;
  const separator = invoice.lastIndexOf("1");
  const prefix = invoice.slice(0, separator);
  const words = Array.from(invoice.slice(separator + 1), (letter) => ALPHABET.indexOf(letter));
  const amount = readPrefix(prefix);
  if (!amount || words.includes(-1) || words.length < TIMESTAMP_WORDS + SIGNATURE_WORDS + CHECKSUM_WORDS)
    return undefined;
  if (checksum(prefix, words) !== 1) return undefined;
  const fields = readFields(words.slice(TIMESTAMP_WORDS, -(SIGNATURE_WORDS + CHECKSUM_WORDS)));
  if (!fields) return undefined;
  const createdSeconds = toNumber(words.slice(0, TIMESTAMP_WORDS));
  const hash = fields.get(HASH_FIELD);
  const expiry = fields.get(EXPIRY_FIELD);
  const lifeSeconds = expiry ? toNumber(expiry) : DEFAULT_EXPIRY_SECONDS;
  return {
    text: invoice,
    ...amount,
    paymentHash: hash?.length === HASH_WORDS ? toHex(toBytes(hash)) : undefined,
    expiresMs: (createdSeconds + lifeSeconds) * 1_000,
  };
}

/** Whether a preimage is the invoice's. Where the browser cannot tell (no secure page), the server will. */
export async function fits(preimage: string, invoice: string): Promise<boolean> {
  if (!/^[0-9a-f]{64}$/i.test(preimage)) return false;
  const { subtle } = globalThis.crypto as { subtle?: SubtleCrypto };
  const hash = readInvoice(invoice)?.paymentHash;
  if (!subtle || hash === undefined) return true;
  const bytes = Uint8Array.from(preimage.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  return toHex(new Uint8Array(await subtle.digest("SHA-256", bytes))) === hash;
}

/** Network and amount. Undefined: not written as BOLT 11 has it, such as with parts of a millisatoshi. */
function readPrefix(prefix: string): Pick<InvoiceFacts, "network" | "amountMsat"> | undefined {
  const [, network = "", digits, multiplier = ""] = /^ln([a-z]+?)(?:([1-9]\d{0,17})([munp])?)?$/.exec(prefix) ?? [];
  if (network === "") return undefined;
  if (digits === undefined) return { network: networks[network], amountMsat: undefined };
  const tenths = BigInt(digits) * (tenthsOfMsat[multiplier] ?? 0n);
  const amountMsat = Number(tenths / 10n);
  if (tenths % 10n !== 0n || !Number.isSafeInteger(amountMsat)) return undefined;
  return { network: networks[network], amountMsat };
}

/** Each field is a type, its length in two words, and that many words. Undefined: hash or expiry is said twice. */
function readFields(words: number[]): Map<number, number[]> | undefined {
  const found = new Map<number, number[]>();
  for (let at = 0; at + 3 <= words.length;) {
    const type = words[at] ?? 0;
    const length = (words[at + 1] ?? 0) * 32 + (words[at + 2] ?? 0);
    if (found.has(type) && (type === HASH_FIELD || type === EXPIRY_FIELD)) return undefined;
    found.set(type, words.slice(at + 3, at + 3 + length));
    at += 3 + length;
  }
  return found;
}

/** Of bech32 (BIP 173); 1 when nothing was changed on the way. */
function checksum(prefix: string, words: number[]): number {
  const codes = Array.from(prefix, (letter) => letter.charCodeAt(0));
  const all = [...codes.map((code) => code >> 5), 0, ...codes.map((code) => code & 31), ...words];
  return all.reduce((sum, word) => {
    const mixed = ((sum & 0x1ffffff) << 5) ^ word;
    return generators.reduce((mix, generator, bit) => ((sum >> (25 + bit)) & 1 ? mix ^ generator : mix), mixed);
  }, 1);
}

function toNumber(words: number[]): number {
  return words.reduce((number, word) => number * 32 + word, 0);
}

function toBytes(words: number[]): number[] {
  const bits = words.map((word) => word.toString(2).padStart(5, "0")).join("");
  return (bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2));
}

function toHex(bytes: Iterable<number>): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
