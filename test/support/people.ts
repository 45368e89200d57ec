import type { RootDatabase } from "lmdb";
import { LmdbCases } from "../../src/adapters/lmdb/case-store.js";
import { LmdbPeople } from "../../src/adapters/lmdb/people.js";
import type { Bans } from "../../src/app/bans.js";
import { Identities, type RefusalLimit } from "../../src/app/identities.js";
import { People } from "../../src/app/people.js";
import { defaultSchema } from "../../src/core/matching-schema.js";
import { deviceKeys, personKeys } from "../../src/core/session-key.js";
import type { Clock } from "../../src/ports/clock.js";
import type { LobbyMaintenance } from "../../src/ports/lobby-maintenance.js";

export const keyOf = personKeys("secret");
export const deviceKeyOf = deviceKeys("secret");

/** A limit of refused identity tokens that is never reached. */
export const unlimited: RefusalLimit = { refuseFull: () => undefined, count: () => undefined };

interface Parts {
  root: RootDatabase;
  lobby: LobbyMaintenance;
  bans: Bans;
  clock: Clock;
  onError: (error: unknown) => void;
}

/** The use cases for people, with their store in LMDB. */
export function peopleIn({ root, ...parts }: Parts): People {
  return new People({ ...parts, store: new LmdbPeople(root), log: new LmdbCases(root), keyOf });
}

/** For a server without identities. */
export function anonymousOnly(clock: Clock): Identities {
  const schema = defaultSchema(5_000);
  return new Identities({ verifier: undefined, isRequired: false, keyOf, schema, clock, refused: unlimited });
}
