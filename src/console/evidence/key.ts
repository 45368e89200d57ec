import type { Decrypter } from "age-encryption";
import { createContext } from "preact";
import { useContext, useEffect, useState } from "preact/hooks";
import { EntryError } from "../parts/use-action.js";

/** The private keys that this tab holds. They are in its memory alone: nothing sends or stores them. */
export interface HeldKey {
  /** The public keys, which evidence may be encrypted for. */
  recipients: readonly string[];
  decrypter: Decrypter;
}

export interface KeyHolder {
  key: HeldKey | undefined;
  hold: (key: HeldKey | undefined) => void;
}

export const KeyContext = createContext<KeyHolder>({ key: undefined, hold: () => undefined });

export function useKey(): KeyHolder {
  return useContext(KeyContext);
}

/** Holds a key until it is forgotten or the page is left: a page that the browser brings back has none. */
export function useKeyInMemory(): KeyHolder {
  const [key, hold] = useState<HeldKey>();
  useEffect(() => {
    const forget = () => hold(undefined);
    addEventListener("pagehide", forget);
    return () => {
      removeEventListener("pagehide", forget);
    };
  }, []);
  return { key, hold };
}

const WHAT = "A key begins with AGE-SECRET-KEY-";

/**
 * Reads private keys, as a field or a file of `age-keygen` contains them: one per line, with comments.
 * @throws EntryError what is wrong, without repeating what was entered
 */
export async function readKey(text: string): Promise<HeldKey> {
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  const identities = lines.filter((line) => line !== "" && !line.startsWith("#"));
  refuseOthers(identities);
  const { Decrypter, identityToRecipient } = await import("age-encryption");
  const decrypter = new Decrypter();
  try {
    for (const identity of identities) decrypter.addIdentity(identity);
    return { decrypter, recipients: await Promise.all(identities.map((one) => identityToRecipient(one))) };
  } catch {
    throw new EntryError("This key has a mistake: a character is wrong or missing.");
  }
}

function refuseOthers(identities: readonly string[]): void {
  if (identities.length === 0) throw new EntryError("Enter a key, or choose a key file.");
  if (identities.some((one) => one.startsWith("-----BEGIN") || one.startsWith("age-encryption.org/"))) {
    throw new EntryError("This key file is encrypted itself. Decrypt it first, with `age --decrypt`.");
  }
  if (identities.some((one) => one.startsWith("age1"))) {
    throw new EntryError(`This is a public key. ${WHAT}`);
  }
  if (identities.some((one) => one.startsWith("AGE-PLUGIN-"))) {
    throw new EntryError("Browsers cannot use the key of an age plugin.");
  }
  if (!identities.every((one) => one.startsWith("AGE-SECRET-KEY-"))) throw new EntryError(`This is no key. ${WHAT}`);
}
