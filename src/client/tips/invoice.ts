const alphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
/** Millisatoshis times ten of one unit of each multiplier, so that pico stays whole. */
const tenthsOfMsat: Record<string, number> = { "": 1e12, m: 1e9, u: 1e6, n: 1e3, p: 1 };
const timestampWords = 7;
const signatureWords = 104;
const checksumWords = 6;
const hashWords = 52;

export interface InvoiceFacts {
  /** In thousandths of a satoshi; undefined when the invoice leaves it open. */
  amountMsat: number | undefined;
  /** In hexadecimal; undefined when the invoice has none. */
  paymentHash: string | undefined;
}

/**
 * What an invoice (BOLT 11) says about amount and hash. The server has checked its signature, network and expiry; this is
 * for the payer to see with own eyes what is paid. Undefined: this is no invoice.
 */
export function readInvoice(text: string): InvoiceFacts | undefined {
  const invoice = text.toLowerCase();
  const separator = invoice.lastIndexOf("1");
  const [, amount, multiplier = ""] = /^ln[a-z]+?(?:(\d+)([munp])?)?$/.exec(invoice.slice(0, separator)) ?? [];
  const words = Array.from(invoice.slice(separator + 1), (letter) => alphabet.indexOf(letter));
  if (!invoice.startsWith("ln") || words.includes(-1)) return undefined;
  if (words.length < timestampWords + signatureWords + checksumWords) return undefined;
  const tenths = amount === undefined ? undefined : Number(amount) * (tenthsOfMsat[multiplier] ?? Number.NaN);
  const fields = words.slice(timestampWords, -(signatureWords + checksumWords));
  return { amountMsat: tenths === undefined ? undefined : tenths / 10, paymentHash: findHash(fields) };
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

/** Each field is a type, its length in two words, and that many words. */
function findHash(words: number[]): string | undefined {
  for (let at = 0; at + 3 <= words.length;) {
    const length = (words[at + 1] ?? 0) * 32 + (words[at + 2] ?? 0);
    if (words[at] === 1 && length === hashWords) return toHex(toBytes(words.slice(at + 3, at + 3 + length)));
    at += 3 + length;
  }
  return undefined;
}

function toBytes(words: number[]): number[] {
  const bits = words.map((word) => word.toString(2).padStart(5, "0")).join("");
  return (bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2));
}

function toHex(bytes: Iterable<number>): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
