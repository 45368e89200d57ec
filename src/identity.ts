import type { FastifyBaseLogger } from "fastify";
import type { Config } from "./config.js";
import type { Clock } from "./ports/clock.js";
import type { IdentityVerifier } from "./ports/identity-verifier.js";

/** How identity tokens are verified. */
export interface IdentitySource {
  /** Undefined if sessions are anonymous. */
  verifier: IdentityVerifier | undefined;
  /** Current problems, one sentence each. */
  troubles(): readonly string[];
  stop(): void;
}

const anonymous: IdentitySource = { verifier: undefined, troubles: () => [], stop: () => undefined };

/**
 * Opens the source of keys that the configuration selects. What verifies tokens is loaded only then, for a fast start.
 * @throws ConfigError if a file of keys cannot be used
 */
export async function openIdentity(config: Config, clock: Clock, logger: FastifyBaseLogger): Promise<IdentitySource> {
  const { IDENTITY_SECRET: secret, IDENTITY_JWKS: source } = config;
  if (secret === "" && source === "") return anonymous;
  const { publicKeys, sharedSecret } = await import("./identity-keys.js");
  return source === "" ? sharedSecret(config, clock) : publicKeys(config, clock, logger);
}
