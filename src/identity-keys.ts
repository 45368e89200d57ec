import type { FastifyBaseLogger } from "fastify";
import type { JWTVerifyGetKey } from "jose";
import { KeySet } from "./adapters/jose/key-set.js";
import { loadKeys } from "./adapters/jose/load-keys.js";
import { PUBLIC_KEY_ALGORITHMS } from "./adapters/jose/usable-keys.js";
import { JwtVerifier } from "./adapters/jose/verifier.js";
import { type Config, ConfigError } from "./config.js";
import type { IdentitySource } from "./identity.js";
import type { Clock } from "./ports/clock.js";

/** Verifies tokens that are signed with `IDENTITY_SECRET`. */
export function sharedSecret(config: Config, clock: Clock): IdentitySource {
  const key = new TextEncoder().encode(config.IDENTITY_SECRET);
  return {
    verifier: verifierOf(config, clock, () => key, ["HS256"]),
    troubles: () => [],
    stop: () => undefined,
  };
}

/**
 * Verifies tokens by the keys at `IDENTITY_JWKS`. A URL that fails does not prevent the start.
 * @throws ConfigError if a file of keys cannot be used
 */
export async function publicKeys(config: Config, clock: Clock, logger: FastifyBaseLogger): Promise<IdentitySource> {
  const { IDENTITY_JWKS: source } = config;
  const isFile = !/^https?:/i.test(source);
  if (isFile) await checkFile(source);
  const keys = await KeySet.start({
    load: async () => ({ keys: (await loadKeys(source)).usable }),
    clock,
    onFailed: (cause) => {
      logger.error(
        { cause },
        "the app's keys cannot be loaded: check IDENTITY_JWKS; the last ones stay in use for a day",
      );
    },
    onRecovered: () => {
      logger.info("the app's keys can be loaded again");
    },
  });
  return {
    verifier: verifierOf(config, clock, keys.find, PUBLIC_KEY_ALGORITHMS),
    troubles: () => keys.troubles(),
    stop: () => {
      keys.stop();
    },
  };
}

async function checkFile(path: string): Promise<void> {
  try {
    await loadKeys(path);
  } catch (error) {
    throw new ConfigError(`IDENTITY_JWKS=${path} cannot be used: ${(error as Error).message}`);
  }
}

function verifierOf(config: Config, clock: Clock, key: JWTVerifyGetKey, algorithms: readonly string[]) {
  const { IDENTITY_ISSUER: issuer, IDENTITY_AUDIENCE: audience } = config;
  const expected = { issuer: issuer || undefined, audience: audience || undefined, algorithms };
  return new JwtVerifier(key, expected, clock);
}
