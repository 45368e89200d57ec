import { createHmac } from "node:crypto";

/** Bytes of a hash: 128 bits cannot be guessed, and 22 characters are short enough to read out. */
const HASH_BYTES = 16;

/**
 * Returns a function that replaces texts by hashes (22 characters of base64url). Without the secret, they cannot be
 * reversed by hashing all texts. Hashes for different purposes have nothing in common.
 */
export function keyedHash(secret: string, purpose: string): (text: string) => string {
  const key = createHmac("sha256", secret).update(purpose).digest();
  return (text) => createHmac("sha256", key).update(text).digest().subarray(0, HASH_BYTES).toString("base64url");
}
