import { createHmac } from "node:crypto";
import { addressPrefix } from "./address.js";
import type { AddressKey } from "./ids.js";

/** Bytes of a key that are kept: nobody guesses 128 bits, and 22 characters are short enough to read out. */
const KEY_BYTES = 16;

/**
 * How people are known for reports and bans: by a keyed hash of their network, never by the address. Without the secret
 * nobody finds the address by trying all there are.
 */
export function addressKeys(secret: string): (address: string) => AddressKey {
  const key = createHmac("sha256", secret).update("satoshigle address keys").digest();
  return (address) => {
    const hash = createHmac("sha256", key).update(addressPrefix(address)).digest();
    return hash.subarray(0, KEY_BYTES).toString("base64url") as AddressKey;
  };
}
