import type { Event } from "../core/event.js";
import type { MatchId, NetworkKey, SessionId } from "../core/ids.js";

/** The partners of a session, and events between them. Like those of `Lobby`, all verbs are atomic. */
export interface Partners {
  /**
   * Returns the partner in a match that runs or ended less than `REPORTABLE_MS` ago, and the networks of both; `over` for
   * two who are permanently separated. Changes nothing.
   */
  partner(match: { sessionId: SessionId; matchId: MatchId; nowMs: number }): Promise<Partner>;

  /** Returns which of the sessions are permanently separated from this one. Changes nothing. */
  apart(pairs: { sessionId: SessionId; partnerIds: readonly SessionId[] }): Promise<SessionId[]>;

  /**
   * Appends an event to the mailbox of a session, if it exists. For a permanently separated partner, `apart` is appended
   * instead, if given. Repeating it appends again, so events must describe a state.
   */
  append(event: AppendedEvent): Promise<{ state: "appended" | "apart" | "unknown" }>;
}

export interface AppendedEvent {
  sessionId: SessionId;
  event: Event;
  /** The partner that the event is about, and what replaces the event if the two are separated. */
  partner?: { partnerId: SessionId; apart: Event | undefined };
  nowMs: number;
}

export type Partner =
  | { state: "partner"; partnerId: SessionId; partnerKey: NetworkKey; ownKey: NetworkKey }
  /** The match was not the session's, ended too long ago, or the partner is gone. */
  | { state: "over" }
  | { state: "unknown" };
