import type { Clock } from "./clock.js";
import type { Guests } from "./guests.js";
import type { Lobby } from "./lobby.js";
import type { LobbyStats } from "./lobby-stats.js";
import type { Mailbox } from "./mailbox.js";
import type { ReportStore } from "./moderation-store.js";

/** What an instance uses of a realm to relay matches between realms. */
export interface Realm {
  name: string;
  lobby: Pick<Lobby, "relay" | "detach">;
  guests: Guests;
  mailbox: Pick<Mailbox, "read" | "watch" | "trim">;
  /** The clock of the realm. */
  clock: Pick<Clock, "nowMs">;
}

/** A neighbour realm. While it is away, its verbs fail with `store_away`. */
export interface Neighbour extends Realm {
  lobby: Realm["lobby"] & Pick<LobbyStats, "count">;
  records: Pick<ReportStore, "addReport">;
  /** Whether this instance is a node of the neighbour, which answers. */
  isReady(): boolean;
}
