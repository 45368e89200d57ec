/** A challenge of ALTCHA's protocol, version 2. */
export interface Challenge {
  parameters: { nonce: string; salt: string; cost: number; keyLength: number; keyPrefix: string };
}

/** More attempts than any challenge of the server takes. */
const MAX_ATTEMPTS = 10_000;
const COUNTER_BYTES = 4;

/**
 * Finds the counter whose key begins as the challenge asks, and returns the payload that proves it. The browser derives
 * each key on a thread of its own, so that a page which calls this stays responsive.
 */
export async function prove(challenge: Challenge): Promise<string> {
  const { nonce, salt, cost: iterations, keyLength, keyPrefix } = challenge.parameters;
  const prefix = bytesOf(nonce);
  const password = new Uint8Array(prefix.length + COUNTER_BYTES);
  password.set(prefix);
  const rules = { name: "PBKDF2", hash: "SHA-256", salt: bytesOf(salt), iterations };
  for (let counter = 0; counter < MAX_ATTEMPTS; counter++) {
    new DataView(password.buffer).setUint32(prefix.length, counter);
    const key = await crypto.subtle.importKey("raw", password, "PBKDF2", false, ["deriveBits"]);
    const derivedKey = hexOf(await crypto.subtle.deriveBits(rules, key, keyLength * 8));
    if (derivedKey.startsWith(keyPrefix)) return btoa(JSON.stringify({ challenge, solution: { counter, derivedKey } }));
  }
  throw new Error("the challenge has no solution");
}

function bytesOf(hex: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
}

function hexOf(bytes: ArrayBuffer): string {
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
