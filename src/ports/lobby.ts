import type { Snapshot } from "../core/event.js";
import type { Profile } from "../core/identity.js";
import type { AddressKey, Epoch, MatchId, NetworkKey, PersonKey, SessionId } from "../core/ids.js";
import type { Descriptions } from "../core/match.js";
import type { Mode } from "../core/matching-schema.js";
import type { Description, EncodedSignals } from "../core/signal.js";
import type { Ticket } from "../core/ticket.js";
import type { LobbyMaintenance } from "./lobby-maintenance.js";
import type { LobbyStats } from "./lobby-stats.js";
import type { Partners } from "./partners.js";

/**
 * Sessions, waiting tickets and matches.
 *
 * Every verb is one atomic step: it checks everything before it changes anything, and commits a change together with its
 * events, into the mailboxes of all sessions concerned. Every verb is safe to repeat: the second time changes nothing and
 * returns the same. The caller passes the time, in milliseconds; stores have no clock. `core` holds the rules; a store
 * only guards and moves.
 */
export interface Lobby {
  /**
   * Creates an idle session with its first stream open. Repeating it returns the same attachment. `full`: the maximum
   * number of sessions is reached; `crowded`: one of its `quotas` is exhausted; `occupied`: its person has `maxOfPerson`
   * sessions, whether or not these are away.
   */
  open(session: NewSession): Promise<Attachment | { state: "full" | "crowded" | "occupied" }>;

  /**
   * Opens a newer stream of a session, replacing the one before. A session that was away is back: its ticket returns to
   * its place in the queue and is paired if a partner fits; its match partner gets `partner_back`.
   *
   * `resumed` is true if the mailbox holds every event after `lastSequence` of `epoch`, even if they continue in another
   * epoch. A `lastSequence` that the store has not reached means that the store lost events: the epoch becomes
   * `newEpoch`, and sequences start over.
   */
  attach(stream: NewStream): Promise<Attachment | { state: "unknown" }>;

  /**
   * Handles a broken stream of that generation. The session is away until `awayUntilMs`: its ticket is set aside, its
   * partner gets `partner_away`. An idle session that never received an event is closed at once. A session that is away
   * already is kept until the earlier of the two times; if that is sooner than before, its partner gets `partner_away`
   * again. A generation that is not the newest changes nothing.
   */
  detach(stream: BrokenStream): Promise<void>;

  /**
   * Ends the session's match if it is `leaveMatchId`; the seeker is then served before the partner it left. Unless in
   * another match, pairs with the longest-waiting eligible ticket, tier by tier of its placement, or waits. A session that
   * already waits keeps its place and takes the new preferences. A search visits a bounded number of candidates, each once
   * (`core/search.ts`); one that pauses continues in `expire`. Sessions of one person are never paired. The seeker
   * becomes the offerer; its offer is delivered in the partner's `matched` only.
   */
  match(request: MatchRequest): Promise<Pairing | { state: "unknown" }>;

  /** Makes the session idle: ends its wait or its match. */
  leave(request: { sessionId: SessionId; nowMs: number }): Promise<{ state: "idle" | "unknown" }>;

  /**
   * Appends the signals to the partner's mailbox if the match is the sender's current one and the sequence is next.
   * Records how far the two have negotiated (`recordDescriptions` of `core/match.ts`); once an offer was answered, the
   * handshake deadline no longer applies.
   */
  relay(post: OutgoingSignals): Promise<Relayed>;

  /**
   * Ends that match if it still runs and separates the two permanently. `partnerId` is the reported session, `partnerKey`
   * its network when the match ended, `reporterKey` that of the reporter's newest stream; `repeated` means that the
   * session had reported it before. A session can be separated from a limited number of others: one with more reporters,
   * each counted once, is closed and may return as a new session. Events of the two that are still in a mailbox are
   * redacted (`redactEvent` of `core/separation.ts`); the same happens when one of them is banned.
   */
  report(report: { sessionId: SessionId; matchId: MatchId; nowMs: number }): Promise<Reported>;
}

/** What a store implements. */
export type LobbyStore = Lobby & Partners & LobbyMaintenance & LobbyStats;

export interface NewSession {
  sessionId: SessionId;
  epoch: Epoch;
  /** The network that the stream is opened from, and the person who opens it, if known. */
  addressKey: NetworkKey;
  /** What partners are shown about the person. */
  profile?: Profile | undefined;
  /** Whom the person has blocked. */
  blocked?: readonly PersonKey[] | undefined;
  nowMs: number;
  /** With this many sessions, `open` returns `full`. */
  maxSessions: number;
  /** The maximum number of sessions of each network that the session counts for. */
  quotas: readonly Quota[];
  /** The maximum number of sessions of the person; undefined for any number. */
  maxOfPerson?: number | undefined;
}

export interface Quota {
  key: AddressKey;
  max: number;
}

export interface NewStream {
  sessionId: SessionId;
  /** The epoch and sequence that the client knows; an empty epoch requests a snapshot. */
  epoch: Epoch | "";
  lastSequence: number;
  newEpoch: Epoch;
  /** The network that the stream is opened from, and the person of the session, if known. */
  addressKey: NetworkKey;
  /** Replaces the profile for further matches; undefined to keep it. */
  profile?: Profile | undefined;
  nowMs: number;
}

export interface BrokenStream {
  sessionId: SessionId;
  generation: number;
  awayUntilMs: number;
  nowMs: number;
}

/** An open stream and its starting point. */
export interface Attachment {
  state: "attached";
  /** Counts the streams of a session; only the newest may send. */
  generation: number;
  epoch: Epoch;
  /** The sequence after which the stream continues to read the mailbox. */
  lastSequence: number;
  resumed: boolean;
  /** The current state. If not resumed, it includes every event up to `lastSequence` and none after it. */
  snapshot: Snapshot;
}

export interface MatchRequest {
  ticket: Ticket;
  offer: Description | undefined;
  leaveMatchId: MatchId | undefined;
  nowMs: number;
}

/** `in_match`: the session was in a match already, and nothing changed. */
export type Pairing = { state: "matched"; matchId: MatchId } | { state: "waiting" } | { state: "in_match" };

export interface OutgoingSignals {
  sessionId: SessionId;
  matchId: MatchId;
  /** Counts the sender's posts within the match, from 1. */
  clientSequence: number;
  signals: EncodedSignals;
  /** Which descriptions are among the signals. */
  descriptions: Descriptions;
  /** The least mode that allows the descriptions; undefined if every mode does. */
  mode?: Mode | undefined;
  nowMs: number;
}

export type Relayed =
  | { state: "relayed" }
  /** Received before; nothing was appended. */
  | { state: "repeated" }
  /** A post before this one is missing. */
  | { state: "gap"; expected: number }
  /** The sender's mode in this match does not allow the descriptions; nothing was appended. */
  | { state: "refused"; mode: Mode }
  /** The match is over or not the sender's. */
  | { state: "over" }
  | { state: "unknown" };

export type Reported =
  | {
      state: "reported" | "repeated";
      partnerId: SessionId;
      partnerKey: NetworkKey;
      reporterKey: NetworkKey;
      matchStartMs: number;
      /** Whether both sides had negotiated: one's offer was answered by the other. */
      bothHeard: boolean;
    }
  /** The match was not the reporter's, or ended too long ago. */
  | { state: "over" }
  /** The reporter has reported as many sessions as it may. */
  | { state: "exhausted" }
  | { state: "unknown" };
