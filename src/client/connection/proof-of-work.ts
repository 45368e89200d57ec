import { sha256 } from "./sha256.js";

/** A challenge of ALTCHA's protocol, version 2, with the algorithm SHA-256. */
export interface Challenge {
  parameters: { nonce: string; salt: string; keyPrefix: string };
}

/** More attempts than any challenge of the server takes. */
const MAX_ATTEMPTS = 1_000_000;
/** Attempts without a pause, some 40 ms on a phone: a page that calls this stays responsive. */
const AT_ONCE = 4_000;
const COUNTER_BYTES = 4;

/** Finds the counter whose hash begins as the challenge asks, and returns the payload that proves it. */
export async function prove(challenge: Challenge): Promise<string> {
  const { nonce, salt, keyPrefix } = challenge.parameters;
  const start = bytesOf(salt + nonce);
  const message = new Uint8Array(start.length + COUNTER_BYTES);
  message.set(start);
  const view = new DataView(message.buffer);
  const firstWord = Number.parseInt(keyPrefix.slice(0, 8), 16);
  for (let counter = 0; counter < MAX_ATTEMPTS; counter++) {
    view.setUint32(start.length, counter);
    const words = sha256(message);
    if (words[0] === firstWord) {
      const derivedKey = Array.from(words, (word) => word.toString(16).padStart(8, "0")).join("");
      const solution = { counter, derivedKey };
      if (derivedKey.startsWith(keyPrefix)) return btoa(JSON.stringify({ challenge, solution }));
    }
    if (counter % AT_ONCE === AT_ONCE - 1) await new Promise((resolve) => setTimeout(resolve));
  }
  throw new Error("the challenge has no solution");
}

function bytesOf(hex: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
}
