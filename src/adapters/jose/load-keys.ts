import { readFile } from "node:fs/promises";
import { createRemoteJWKSet, errors, type JSONWebKeySet, type JWK } from "jose";
import { sortKeys, type UnusableKey } from "./usable-keys.js";

/** How long the app may take to send its keys, in milliseconds. */
const TIMEOUT_MS = 5_000;

export interface LoadedKeys {
  /** At least one. */
  usable: JWK[];
  unusable: UnusableKey[];
}

/**
 * Loads a JSON Web Key Set (RFC 7517) from a URL or a file.
 * @throws Error whose message is a clause for the operator
 */
export async function loadKeys(source: string): Promise<LoadedKeys> {
  return /^https?:/i.test(source) ? fetchKeys(new URL(source)) : parseKeys(await readText(source));
}

async function fetchKeys(url: URL): Promise<LoadedKeys> {
  const remote = createRemoteJWKSet(url, { timeoutDuration: TIMEOUT_MS, cooldownDuration: 0 });
  try {
    await remote.reload();
  } catch (error) {
    throw new Error(causeOf(error));
  }
  return checkKeys(remote.jwks());
}

function causeOf(error: unknown): string {
  if (error instanceof errors.JWKSTimeout) return `no answer within ${String(TIMEOUT_MS / 1000)} seconds`;
  if (error instanceof errors.JOSEError) return error.message.toLowerCase();
  const { code } = ((error as Error).cause ?? {}) as NodeJS.ErrnoException;
  return `the server cannot be reached${code === undefined ? "" : ` (${code})`}`;
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    throw new Error(code === "ENOENT" ? "there is no such file" : `the file cannot be read (${code})`);
  }
}

function parseKeys(text: string): Promise<LoadedKeys> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw new Error("the file is not JSON");
  }
  return checkKeys(parsed);
}

async function checkKeys(given: unknown): Promise<LoadedKeys> {
  const { keys } = (given ?? {}) as Partial<JSONWebKeySet>;
  const isSet = Array.isArray(keys) && keys.every((key) => typeof key === "object" && (key as JWK | null) !== null);
  if (!isSet) throw new Error('it is not a JSON Web Key Set: it has no list "keys"');
  if (keys.some(({ d, k }) => d !== undefined || k !== undefined)) {
    throw new Error("it holds a private or secret key: publish public keys only");
  }
  if (keys.length === 0) throw new Error("it holds no key");
  const { usable, unusable } = await sortKeys(keys);
  const [first] = unusable;
  if (usable.length === 0) throw new Error(`no key in it can be used: one ${first?.problem ?? ""}`);
  return { usable, unusable };
}
