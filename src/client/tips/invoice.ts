import { fieldTypes, fixedLengths, toNumber, unpayable } from "./payable.js";
import type { TipTerms } from "./types.js";

export const ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
/** Tenths of a millisatoshi in one unit of each multiplier, so that pico is a whole number. */
const TENTHS_OF_MSAT: Record<string, bigint> = {
  "": 1_000_000_000_000n,
  m: 1_000_000_000n,
  u: 1_000_000n,
  n: 1_000n,
  p: 1n,
};
const NETWORKS: Record<string, TipTerms["network"]> = {
  bc: "bitcoin",
  tb: "testnet",
  tbs: "signet",
  bcrt: "regtest",
};
const TIMESTAMP_WORDS = 7;
const SIGNATURE_WORDS = 104;
const CHECKSUM_WORDS = 6;
const COUNTED_FIELDS = new Set(Object.values(fieldTypes));
/** The default of BOLT 11. */
const DEFAULT_EXPIRY_SECONDS = 3_600;
const MAX_INVOICE_LENGTH = 4_096;
const CHECKSUM_GENERATORS = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];

export interface InvoiceFacts {
  /** In lower case. */
  text: string;
  /** Undefined if unknown to this client. */
  network: TipTerms["network"] | undefined;
  /** In millisatoshis; undefined if the invoice does not fix it. */
  amountMsat: number | undefined;
  /** In hexadecimal. */
  paymentHash: string | undefined;
  /** In hexadecimal; undefined if the invoice has its description in words. */
  descriptionHash: string | undefined;
  /** By the clock of the issuing wallet, in milliseconds since the epoch. */
  expiresMs: number;
  /** Why no wallet may pay it. */
  unpayable: string | undefined;
}

/**
 * Decodes an invoice (BOLT 11), so that the payer need not trust the server. The signature is not checked: the wallet
 * does that, because it finds the payee by it. Returns undefined if the text is not an invoice, or is one that two
 * decoders may read differently.
 */
export function readInvoice(text: string): InvoiceFacts | undefined {
  const invoice = text.toLowerCase();
  if (invoice.length > MAX_INVOICE_LENGTH || (text !== invoice && text !== text.toUpperCase())) return undefined;
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
  const hash = fields.get(fieldTypes.hash);
  const expiry = fields.get(fieldTypes.expiry);
  const lifeSeconds = expiry ? toNumber(expiry) : DEFAULT_EXPIRY_SECONDS;
  return {
    text: invoice,
    ...amount,
    paymentHash: readHash(hash),
    descriptionHash: readHash(fields.get(fieldTypes.textHash)),
    expiresMs: (createdSeconds + lifeSeconds) * 1_000,
    unpayable: unpayable(fields),
  };
}

/** Whether a preimage proves the payment. True if the browser cannot hash (insecure page): the server checks it, too. */
export async function matchesPaymentHash(preimage: string, invoice: string): Promise<boolean> {
  if (!/^[0-9a-f]{64}$/i.test(preimage)) return false;
  const { subtle } = globalThis.crypto as { subtle?: SubtleCrypto };
  const hash = readInvoice(invoice)?.paymentHash;
  if (!subtle || hash === undefined) return true;
  const bytes = Uint8Array.from(preimage.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  return toHex(new Uint8Array(await subtle.digest("SHA-256", bytes))) === hash;
}

/** Returns the network and amount, or undefined if they are not valid, such as fractions of a millisatoshi. */
function readPrefix(prefix: string): Pick<InvoiceFacts, "network" | "amountMsat"> | undefined {
  const [, network = "", digits, multiplier = ""] = /^ln([a-z]+?)(?:([1-9]\d{0,17})([munp])?)?$/.exec(prefix) ?? [];
  if (network === "") return undefined;
  if (digits === undefined) return { network: NETWORKS[network], amountMsat: undefined };
  const tenths = BigInt(digits) * (TENTHS_OF_MSAT[multiplier] ?? 0n);
  const amountMsat = Number(tenths / 10n);
  if (tenths % 10n !== 0n || !Number.isSafeInteger(amountMsat)) return undefined;
  return { network: NETWORKS[network], amountMsat };
}

/**
 * A field is its type, its length in two words, and that many words. Returns undefined if one is cut off, or has two
 * values, of which some wallets use the first and some the last.
 */
function readFields(words: number[]): Map<number, number[]> | undefined {
  const found = new Map<number, number[]>();
  for (let at = 0; at < words.length;) {
    const [type = 0, high = 0, low = 0] = words.slice(at, at + 3);
    const end = at + 3 + high * 32 + low;
    if (end > words.length) return undefined;
    const data = words.slice(at + 3, end);
    at = end;
    if (!COUNTED_FIELDS.has(type) || data.length !== (fixedLengths[type] ?? data.length)) continue;
    if (found.has(type) && found.get(type)?.join() !== data.join()) return undefined;
    found.set(type, data);
  }
  return found;
}

function readHash(words: number[] | undefined): string | undefined {
  return words && toHex(toBytes(words));
}

/** The checksum of bech32 (BIP 173), which is 1 for intact text. */
export function checksum(prefix: string, words: number[]): number {
  const codes = Array.from(prefix, (letter) => letter.charCodeAt(0));
  const all = [...codes.map((code) => code >> 5), 0, ...codes.map((code) => code & 31), ...words];
  return all.reduce((sum, word) => {
    const mixed = ((sum & 0x1ffffff) << 5) ^ word;
    return CHECKSUM_GENERATORS.reduce(
      (mix, generator, bit) => ((sum >> (25 + bit)) & 1 ? mix ^ generator : mix),
      mixed,
    );
  }, 1);
}

export function toBytes(words: number[]): number[] {
  const bits = words.map((word) => word.toString(2).padStart(5, "0")).join("");
  return (bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2));
}

export function toHex(bytes: Iterable<number>): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
