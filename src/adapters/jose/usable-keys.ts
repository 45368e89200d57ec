import type { webcrypto } from "node:crypto";
import { importJWK, type JWK } from "jose";

/** The algorithms that public keys may have; of those, a key has the ones of its type. */
export const PUBLIC_KEY_ALGORITHMS = [
  ...["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"],
  ...["ES256", "ES384", "ES512", "EdDSA", "Ed25519"],
];

/** Shorter ones are refused by the library whenever a token is verified. */
const MIN_RSA_BITS = 2_048;
const ALGORITHMS_OF_CURVES: Partial<Record<string, string>> = {
  "P-256": "ES256",
  "P-384": "ES384",
  "P-521": "ES512",
  Ed25519: "EdDSA",
};

/** A key that tokens cannot be verified with, and why, as a clause about it. */
export interface UnusableKey {
  key: JWK;
  problem: string;
}

/** Splits the keys of a set into those that tokens can be verified with, and the others. */
export async function sortKeys(keys: readonly JWK[]): Promise<{ usable: JWK[]; unusable: UnusableKey[] }> {
  const sorted = await Promise.all(keys.map(async (key) => ({ key, problem: await problemOf(key) })));
  return {
    usable: sorted.flatMap(({ key, problem }) => (problem === undefined ? [key] : [])),
    unusable: sorted.flatMap(({ key, problem }) => (problem === undefined ? [] : [{ key, problem }])),
  };
}

async function problemOf(key: JWK): Promise<string | undefined> {
  const { kty, crv = "", alg, use = "sig", key_ops: operations = ["verify"] } = key;
  if (use !== "sig" || !operations.includes("verify")) return "is not for signatures";
  if (alg !== undefined && !PUBLIC_KEY_ALGORITHMS.includes(alg)) return "has an algorithm that is not supported";
  const algorithm = kty === "RSA" ? "RS256" : ALGORITHMS_OF_CURVES[crv];
  if (algorithm === undefined) return "has a type or a curve that is not supported";
  try {
    const imported = await importJWK(key, alg ?? algorithm);
    return kty === "RSA" ? weakness(imported as webcrypto.CryptoKey) : undefined;
  } catch {
    return "is not valid";
  }
}

function weakness({ algorithm }: webcrypto.CryptoKey): string | undefined {
  const { modulusLength: bits } = algorithm as webcrypto.RsaHashedKeyAlgorithm;
  return bits < MIN_RSA_BITS ? `has ${String(bits)} bits, and needs ${String(MIN_RSA_BITS)}` : undefined;
}
