import { createHash } from "node:crypto";
import { fromWords, numberWords, toWords, wordsOf } from "./bech32.js";
import { type Field, nodeField, signedInvoice } from "./invoices.js";

/** The node of the vectors. */
export const NODE_KEY = createHash("sha256").update("the node of the vectors").digest();
/** When all vectors were created. */
export const CREATED_MS = 1_800_000_000_000;

/** Field by field, as BOLT 11 names them. */
export const f = {
  hash: (): Field => ["p", wordsOf(bytes("payment hash", 32))],
  secret: (): Field => ["s", wordsOf(bytes("payment secret", 32))],
  text: (text: string): Field => ["d", wordsOf(Buffer.from(text))],
  textHash: (): Field => ["h", wordsOf(bytes("a long description", 32))],
  expiry: (seconds: number): Field => ["x", numberWords(seconds)],
  delta: (blocks: number): Field => ["c", numberWords(blocks)],
  metadata: (): Field => ["m", wordsOf(bytes("metadata", 4))],
  node: (): Field => nodeField(NODE_KEY),
  /** An address on the chain, by the version of its script. */
  address: (version: number, length: number): Field => ["f", [version, ...wordsOf(bytes("address", length))]],
  /** Private channels in a row, each of 51 bytes. */
  route: (hops: number): Field => ["r", wordsOf(Buffer.concat(Array.from({ length: hops }, () => hop())))],
  features: (...bits: number[]): Field => {
    const words = new Array<number>(Math.floor(Math.max(...bits) / 5) + 1).fill(0);
    for (const bit of bits) {
      const at = words.length - 1 - Math.floor(bit / 5);
      words[at] = (words[at] ?? 0) | (1 << (bit % 5));
    }
    return ["9", words];
  },
  /** A field of nothing but zeros. */
  zeros: (name: string, words: number): Field => [name, new Array<number>(words).fill(0)],
};

function bytes(word: string, length: number): Buffer {
  return createHash("sha256").update(word).digest().subarray(0, length);
}

function hop(): Buffer {
  const [, node] = f.node();
  const bits = node.map((word) => word.toString(2).padStart(5, "0")).join("");
  const key = (bits.match(/.{8}/g) ?? []).map((byte) => parseInt(byte, 2));
  return Buffer.concat([Buffer.from(key), bytes("channel", 18)]);
}

/** A signed invoice with these fields. */
export function vector(prefix: string, ...fields: Field[]): string {
  return signedInvoice({ prefix, createdMs: CREATED_MS, fields, key: NODE_KEY });
}

/** The same invoice with another signature and a correct checksum. */
export function resigned(text: string, change: (signature: Buffer) => void): string {
  const { prefix, words } = toWords(text);
  const bits = words.slice(-104).map((word) => word.toString(2).padStart(5, "0"));
  const signature = Buffer.from((bits.join("").match(/.{8}/g) ?? []).map((byte) => parseInt(byte, 2)));
  change(signature);
  return fromWords({ prefix, words: [...words.slice(0, -104), ...wordsOf(signature)] });
}

const ORDER = BigInt("0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141");

/** Negates the second half of a signature: it stays valid for its node, but is no longer in its low form. */
export function raiseS(signature: Buffer): void {
  const s = BigInt(`0x${signature.subarray(32, 64).toString("hex")}`);
  signature.write((ORDER - s).toString(16).padStart(64, "0"), 32, "hex");
  signature[64] = (signature[64] ?? 0) ^ 1;
}
