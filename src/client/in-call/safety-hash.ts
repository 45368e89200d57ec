import { SYMBOLS, type SafetySymbol } from "./safety-symbols.js";

const COMMITMENT_LABEL = "satoshigle safety code 1: commitment";
const CODE_LABEL = "satoshigle safety code 1: code";
export const NONCE_BYTES = 32;
const SYMBOL_COUNT = 4;
const BITS_PER_SYMBOL = 6;

/** What one side contributes to the code. */
export interface Contribution {
  /** The fingerprint of its certificate, as `fingerprintOf` returns it. */
  fingerprint: string;
  nonce: Uint8Array;
}

/** Returns the commitment of a side to its nonce. It includes the certificate, so that it cannot be reflected. */
export function commitmentTo({ fingerprint, nonce }: Contribution): Promise<Uint8Array> {
  return sha256(COMMITMENT_LABEL, fingerprint, nonce);
}

/** Derives the four symbols. Both sides get the same ones, because the order of the two does not matter. */
export async function symbolsOf(one: Contribution, other: Contribution): Promise<SafetySymbol[]> {
  const [a, b] = one.fingerprint < other.fingerprint ? [one, other] : [other, one];
  const hash = await sha256(CODE_LABEL, a.fingerprint, a.nonce, b.fingerprint, b.nonce);
  const bits = hash.slice(0, 3).reduce((all, byte) => all * 256 + byte, 0);
  return Array.from({ length: SYMBOL_COUNT }, (_, at) => symbolAt(bits >> ((SYMBOL_COUNT - 1 - at) * BITS_PER_SYMBOL)));
}

/** The symbol of the lowest bits. */
function symbolAt(bits: number): SafetySymbol {
  const symbol = SYMBOLS[bits & (2 ** BITS_PER_SYMBOL - 1)];
  if (!symbol) throw new Error("there are fewer symbols than the code needs");
  return symbol;
}

/**
 * Returns the fingerprint of the certificate that a description names, such as `sha-256 ab:cd:…`. With one fingerprint
 * the browser accepts that certificate alone (RFC 8122); undefined if there are several, or if its hash is weak.
 */
export function fingerprintOf(sdp: string | undefined): string | undefined {
  const found = [...(sdp ?? "").matchAll(/^a=fingerprint:(\S+) ([\da-f:]+)\s*$/gim)];
  const distinct = [...new Set(found.map(([, hash = "", value = ""]) => `${hash} ${value}`.toLowerCase()))];
  const [fingerprint] = distinct;
  return distinct.length === 1 && fingerprint && /^sha-(256|384|512) /.test(fingerprint) ? fingerprint : undefined;
}

/** Hashes parts, each with its length before it, so that no two lists of parts have the same bytes. */
async function sha256(...parts: (string | Uint8Array)[]): Promise<Uint8Array> {
  const bytes = parts.map((part) => (typeof part === "string" ? new TextEncoder().encode(part) : part));
  const framed = bytes.flatMap((part) => [part.length >> 8, part.length & 255, ...part]);
  return new Uint8Array(await crypto.subtle.digest("SHA-256", new Uint8Array(framed)));
}
