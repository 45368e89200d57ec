import { addressBlock, addressHost, addressPrefix, widerNetworks } from "./address.js";
import type { AddressKey, NetworkKey } from "./ids.js";
import { keyedHash } from "./keyed-hash.js";
import { networkKey } from "./network-key.js";

/** How a client is identified by its address. */
export interface Network {
  /** Identifies the network in reports and bans. */
  key: NetworkKey;
  /** The keys in it, the narrowest first. */
  levels: readonly AddressKey[];
}

export interface AddressKeys {
  networkOf(address: string): Network;
  /** The keys of the host and of the wider networks that contain it, for limits; the narrowest first. */
  hostKeys(address: string): readonly AddressKey[];
  /** The block of addresses that the host is part of. */
  blockKey(address: string): AddressKey;
}

/**
 * Derives the keys that identify networks in reports, bans and shared limits: keyed hashes instead of addresses.
 * Without the secret, they cannot be reversed by hashing all addresses.
 */
export function addressKeys(secret: string): AddressKeys {
  const keyOf = keyedHash(secret, "satoshigle address keys") as (network: string) => AddressKey;
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
