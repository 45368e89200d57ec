import type { Participant } from "../core/log-event.js";
import type { AddressKey, MatchId, SessionId } from "../core/ids.js";

/**
 * The open sessions and the running matches, for operators. Like those of `Lobby`, all verbs are atomic and safe to
 * repeat. A page costs the same however many there are.
 */
export interface Roster {
  /**
   * Returns sessions with a lower number, those that were opened last first, at most `limit`. With a network or a person,
   * its sessions only, those that came to it last first; their numbers are others.
   */
  sessions(page: RosterPage & { addressKey?: AddressKey | undefined }): Promise<ListedSession[]>;
  /** Returns matches with a lower number, those that began last first, at most `limit`. Numbers are revisions. */
  matches(page: RosterPage): Promise<ListedMatch[]>;
  /** Ends a match as `dismissed`; `over` if it does not run. */
  endMatch(match: { matchId: MatchId; nowMs: number }): Promise<{ state: "ended" | "over" }>;
  /** Closes a session as `removed`. */
  closeSession(session: { sessionId: SessionId; nowMs: number }): Promise<{ state: "closed" | "unknown" }>;
}

export interface RosterPage {
  before: number;
  limit: number;
}

export interface ListedSession extends Participant {
  number: number;
  /** The narrowest network of its newest stream. */
  network: AddressKey;
  state: "idle" | "waiting" | "matched";
  /** Undefined without a match. */
  matchId: MatchId | undefined;
  attached: boolean;
  openedMs: number;
}

export interface ListedMatch {
  number: number;
  matchId: MatchId;
  offerer: Participant;
  answerer: Participant;
  relayOnly: boolean;
  answered: boolean;
  startMs: number;
}
