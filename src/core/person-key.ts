import { createHmac } from "node:crypto";
import type { NetworkKey, PersonKey } from "./ids.js";
import { narrowestOf } from "./network-key.js";

/** Bytes of a key, as many as of the key of a network. */
const KEY_BYTES = 16;

/**
 * Derives the keys that identify the app's people: keyed hashes of their subjects, so that what is stored about a person
 * does not contain the subject.
 */
export function personKeys(secret: string): (subject: string) => PersonKey {
  const key = createHmac("sha256", secret).update("satoshigle person keys").digest();
  return (subject) => {
    const hash = createHmac("sha256", key).update(subject).digest();
    return `~${hash.subarray(0, KEY_BYTES).toString("base64url")}` as PersonKey;
  };
}

/** The key of a session: that of its person, if any, and those of its network. */
export function withPerson(person: PersonKey | undefined, network: NetworkKey): NetworkKey {
  return person === undefined ? network : (`${person}.${network}` as NetworkKey);
}

/** The person of a session's key. */
export function personOf(key: NetworkKey): PersonKey | undefined {
  return key.startsWith("~") ? (narrowestOf(key) as PersonKey) : undefined;
}

/** The network of a session's key. */
export function networkOf(key: NetworkKey): NetworkKey {
  return key.startsWith("~") ? (key.slice(key.indexOf(".") + 1) as NetworkKey) : key;
}

/** What a report is about: the person alone, so that it does not count against the network; the network of others. */
export function accountable(key: NetworkKey): NetworkKey {
  return personOf(key) ?? key;
}
