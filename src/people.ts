import type { FastifyBaseLogger } from "fastify";
import type { Bans } from "./app/bans.js";
import { Identities } from "./app/identities.js";
import { People } from "./app/people.js";
import type { Config } from "./config.js";
import { deviceKeys, personKeys } from "./core/session-key.js";
import type { IdentitySource } from "./identity.js";
import { limitRefusedTokens } from "./rpc/admission/authenticate.js";
import type { settingsFrom } from "./settings.js";
import type { Stores } from "./stores.js";

interface Parts {
  config: Config;
  stores: Stores;
  identity: IdentitySource;
  logger: FastifyBaseLogger;
}

/** Creates the use cases for the app's people, and what derives the keys of people and browsers. */
export function createPeople(
  { config, stores, identity: { verifier }, logger }: Parts,
  shared: { lobby: Stores["lobby"]; bans: Bans; clock: Stores["clock"] },
  { guards, matching: { schema } }: Pick<ReturnType<typeof settingsFrom>, "guards" | "matching">,
) {
  const { SESSION_SECRET, IDENTITY_REQUIRED: isRequired } = config;
  const keyOf = personKeys(SESSION_SECRET);
  const onError = (err: unknown) => {
    logger.error({ err }, "failed to store that a person was seen");
  };
  return {
    keyOf,
    deviceKeyOf: deviceKeys(SESSION_SECRET),
    identities: new Identities({
      ...{ verifier, isRequired, keyOf, schema, clock: shared.clock },
      refused: limitRefusedTokens(guards, shared.clock),
    }),
    people: new People({ ...shared, store: stores.people, log: stores.cases, keyOf, onError }),
  };
}
