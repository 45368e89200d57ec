import { createHmac } from "node:crypto";
import { addressBlock, addressHost, addressPrefix, widerNetworks } from "./address.js";
import type { AddressKey, NetworkKey } from "./ids.js";
import { networkKey } from "./network-key.js";

/** Bytes of a key that are kept: nobody guesses 128 bits, and 22 characters are short enough to read out. */
const KEY_BYTES = 16;

/** How somebody is known who comes from an address. */
export interface Network {
  /** For reports and bans. */
  key: NetworkKey;
  /** The keys in it, the narrowest first. */
  levels: readonly AddressKey[];
}

export interface AddressKeys {
  networkOf(address: string): Network;
  /** The host and the wider networks that it is part of, for limits, the narrowest first. */
  hostKeys(address: string): readonly AddressKey[];
  /** The block of addresses that the host is part of. */
  blockKey(address: string): AddressKey;
}

/**
 * How people are known for reports, bans and limits that instances share: by keyed hashes of their networks, never by
 * the address. Without the secret nobody finds the address by trying all there are.
 */
export function addressKeys(secret: string): AddressKeys {
  const key = createHmac("sha256", secret).update("satoshigle address keys").digest();
  const keyOf = (network: string) => {
    const hash = createHmac("sha256", key).update(network).digest();
    return hash.subarray(0, KEY_BYTES).toString("base64url") as AddressKey;
  };
  const withWider = (network: string, host: string) => [network, ...widerNetworks(host)].map(keyOf);
  return {
    networkOf: (address) => {
      const levels = withWider(addressPrefix(address), addressHost(address));
      return { key: networkKey(levels), levels };
    },
    hostKeys: (address) => withWider(addressHost(address), addressHost(address)),
    blockKey: (address) => keyOf(addressBlock(addressHost(address))),
  };
}
