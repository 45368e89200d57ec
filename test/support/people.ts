import type { RootDatabase } from "lmdb";
import { LmdbPeople } from "../../src/adapters/lmdb/people.js";
import type { Bans } from "../../src/app/bans.js";
import { People } from "../../src/app/people.js";
import { deviceKeys, personKeys } from "../../src/core/session-key.js";
import type { Clock } from "../../src/ports/clock.js";
import type { LobbyMaintenance } from "../../src/ports/lobby-maintenance.js";

export const keyOf = personKeys("secret");
export const deviceKeyOf = deviceKeys("secret");

interface Parts {
  root: RootDatabase;
  lobby: LobbyMaintenance;
  bans: Bans;
  clock: Clock;
  onError: (error: unknown) => void;
}

/** The use cases for people, with their store in LMDB. */
export function peopleIn({ root, ...parts }: Parts): People {
  return new People({ ...parts, store: new LmdbPeople(root), keyOf });
}
