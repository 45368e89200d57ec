import type { JWK } from "jose";
import { loadKeys } from "../adapters/jose/load-keys.js";
import type { Config } from "../config.js";
import { about, type Finding, reasonOf } from "./finding.js";

const { ok, warn, fail } = about("identity");

/** Loads the keys that identity tokens are verified with. */
export async function checkIdentity(config: Config): Promise<Finding[]> {
  const { IDENTITY_SECRET: secret, IDENTITY_JWKS: source, IDENTITY_REQUIRED: isRequired } = config;
  if (source !== "") return [...(await checkKeys(source)), ...checkAudience(config)];
  if (secret === "") return [ok("not used: all sessions are anonymous")];
  return [ok(`tokens are verified with IDENTITY_SECRET, and ${isRequired ? "required" : "optional"}`)];
}

async function checkKeys(source: string): Promise<Finding[]> {
  try {
    const { usable, unusable } = await loadKeys(source);
    const kinds = usable.map((key) => `${nameOf(key)} (${key.alg ?? key.crv ?? key.kty ?? ""})`);
    return [
      ok(`${source} has ${String(usable.length)} usable keys: ${kinds.join(", ")}`),
      ...unusable.map(({ key, problem }) => warn(`${nameOf(key)} of ${source} ${problem}`, REPLACE)),
      ...checkNames(usable),
    ];
  } catch (error) {
    const advice = "the app publishes its public keys there, as a JSON Web Key Set (docs/identity.md)";
    return [fail(`IDENTITY_JWKS=${source} cannot be used: ${reasonOf(error)}`, advice)];
  }
}

const REPLACE = "tokens that are signed with it are refused: publish another key, and sign with that";

/** Tokens name their key. Without a name, a key is found by its type, if there is one of it. */
function checkNames(keys: readonly JWK[]): Finding[] {
  const nameless = keys.filter(({ kid }) => kid === undefined);
  if (nameless.length === 0 || keys.length === 1) return [];
  return [
    warn("several keys are published, and not all have a kid", "give each a kid, and tokens the kid of their key"),
  ];
}

/** The keys of a provider of logins sign tokens for all of its apps. */
function checkAudience({ IDENTITY_AUDIENCE: audience, IDENTITY_ISSUER: issuer }: Config): Finding[] {
  if (audience !== "" || issuer !== "") return [];
  const text = "every token that is signed with these keys is accepted, also one for another app";
  return [warn(text, "set IDENTITY_AUDIENCE, and IDENTITY_ISSUER")];
}

const nameOf = ({ kid }: JWK) => (kid === undefined ? "a key without a kid" : `key ${kid}`);
