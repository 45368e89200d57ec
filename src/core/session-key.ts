import type { AddressKey, DeviceKey, NetworkKey, PersonKey } from "./ids.js";
import { keyedHash } from "./keyed-hash.js";
import { levelsOf, narrowestOf, networkKey } from "./network-key.js";

/**
 * Derives the keys that identify the app's people: keyed hashes of their subjects, so that what is stored about a person
 * does not contain the subject.
 */
export function personKeys(secret: string): (subject: string) => PersonKey {
  const hash = keyedHash(secret, "satoshigle person keys");
  return (subject) => `~${hash(subject)}` as PersonKey;
}

/** Derives the keys that identify browsers from the random keys that they keep. */
export function deviceKeys(secret: string): (random: string) => DeviceKey {
  const hash = keyedHash(secret, "satoshigle device keys");
  return (random) => `^${hash(random)}` as DeviceKey;
}

/** What is known about the holder of a session beyond its network. */
export interface Known {
  person?: PersonKey | undefined;
  device?: DeviceKey | undefined;
}

/** The key of a session: those of its person and its browser, if known, and those of its network. */
export function sessionKey({ person, device }: Known, network: NetworkKey): NetworkKey {
  return [person, device, network].filter((key) => key !== undefined).join(".") as NetworkKey;
}

/** The person of a session's key. */
export function personOf(key: NetworkKey): PersonKey | undefined {
  return key.startsWith("~") ? (narrowestOf(key) as PersonKey) : undefined;
}

/** The browser of a session's key. */
export function deviceOf(key: NetworkKey): DeviceKey | undefined {
  return key.includes("^") ? (levelsOf(key).find(isDevice) as DeviceKey) : undefined;
}

/** Who avoids former partners in all its sessions: the person, else the browser; undefined for others. */
export function partyOf(key: NetworkKey): PersonKey | DeviceKey | undefined {
  return personOf(key) ?? deviceOf(key);
}

/** The network of a session's key. */
export function networkOf(key: NetworkKey): NetworkKey {
  return networkKey(levelsOf(key).filter(isNetwork));
}

/**
 * What a report is about: the person alone, so that it counts against nobody else; of others, the browser and the
 * network.
 */
export function accountable(key: NetworkKey): NetworkKey {
  return personOf(key) ?? key;
}

/** Whether a key is that of a network, not of a person or a browser. */
export function isNetwork(key: AddressKey): boolean {
  return !/^[~^]/.test(key);
}

export function isDevice(key: AddressKey): boolean {
  return key.startsWith("^");
}
