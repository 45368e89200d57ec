import type { Distribution } from "../core/metrics/histogram.js";
import type { Event, Snapshot } from "../core/event.js";
import type { AddressKey, Epoch, MatchId, NetworkKey, SessionId } from "../core/ids.js";
import type { Descriptions } from "../core/match.js";
import type { Description, EncodedSignals } from "../core/signal.js";
import type { Ticket } from "../core/ticket.js";

/**
 * Who is here, who waits and who talks.
 *
 * Every verb is one atomic step: it checks everything before it changes anything, and commits a change together with
 * the events that tell of it, into the mailboxes of all it concerns. Every verb is safe to repeat: the second time
 * changes nothing and answers the same. Time comes with the call, in milliseconds; stores have no clock. What the rules
 * are is decided in `core`; a store holds only guard and move.
 */
export interface Lobby {
  /**
   * Creates an idle session with its first stream open. Repeating it answers the same attachment. `full`: there are as
   * many sessions as there may be; `crowded`: one of its `quotas` is used up.
   */
  open(session: NewSession): Promise<Attachment | { state: "full" | "crowded" }>;

  /**
   * Opens a newer stream of a session; the one before it is replaced. An away session is back: its ticket returns to
   * its place in the queue and is paired if somebody fits, its partner gets `partner_back`.
   *
   * `resumed` is true when the mailbox holds every event after `lastSequence` of `epoch`, though they may go on in another epoch. A `lastSequence` that the
   * store has not reached itself means that the store lost events: the epoch becomes `newEpoch`, and sequences start
   * over.
   */
  attach(stream: NewStream): Promise<Attachment | { state: "unknown" }>;

  /**
   * The stream of that generation broke. The session is away until `awayUntilMs`: its ticket is set aside, its partner
   * gets `partner_away`. A session that was never told anything has never asked for anything: it is closed at once. A
   * generation that is not the newest changes nothing.
   */
  detach(stream: BrokenStream): Promise<void>;

  /**
   * Ends the session's match if it is `leaveMatchId`; the seeker is then served before the partner it left. Unless in
   * another match, pairs with the longest-waiting eligible ticket, tier by tier of its placement, or else waits. Who
   * waits already keeps its place and takes on the new wish. A search visits a bounded number of candidates, each once
   * (`core/search.ts`); one that must rest goes on in `expire`.
   * The seeker becomes the offerer; its offer goes into the partner's `matched` and nowhere else.
   */
  match(wish: MatchCommand): Promise<Pairing | { state: "unknown" }>;

  /** Back to idle: the wait or the match ends. */
  leave(wish: { sessionId: SessionId; nowMs: number }): Promise<{ state: "idle" | "unknown" }>;

  /**
   * Appends the signals to the partner's mailbox, if the match is the sender's current one and the sequence is next. Of
   * its descriptions is noted how far the two have negotiated (`hear` of `core/match.ts`); once an offer was answered,
   * the handshake deadline is met.
   */
  relay(post: OutgoingSignals): Promise<Relayed>;

  /**
   * Ends that match if it still runs and makes the two never meet again. `partnerId` is who was reported, `partnerKey`
   * their network when the match ended, `reporterKey` that of the reporter's newest stream; `repeated` tells that the
   * reporter did so before. A session can keep only so many apart: one reported by more, each of whom counts once, is closed
   * and may come back as a new one. What each made for the other and is in a mailbox still is made unreadable (`redacted` of `core/apart.ts`);
   * so it is when one of them is banned.
   */
  report(report: { sessionId: SessionId; matchId: MatchId; nowMs: number }): Promise<Reported>;

  /**
   * Whom the session is in that match with, or was until ten minutes ago (`REPORTABLE_MS`), and the networks of both;
   * over for two who are kept apart for good. Changes nothing.
   */
  partner(match: { sessionId: SessionId; matchId: MatchId; nowMs: number }): Promise<Partner>;

  /**
   * Appends an event to the mailbox of a session; without it, nothing happens. For what tells a state, as it is the one
   * verb that repeats its effect. Of two who are kept apart for good, `apart` is told instead, if there is any.
   */
  append(news: AppendedEvent): Promise<{ state: "appended" | "apart" | "unknown" }>;

  /** Which of those are kept apart from the session for good. Changes nothing. */
  apart(pairs: { sessionId: SessionId; partnerIds: readonly SessionId[] }): Promise<SessionId[]>;

  /**
   * Closes at most `limit` of the sessions whose newest stream was opened from a banned network or from one in it; their partners are told
   * that the match ended because of a ban. Fewer than `limit` closed means that none is left.
   */
  closeBanned(ban: { addressKey: AddressKey; nowMs: number; limit: number }): Promise<{ closed: number }>;

  /**
   * Carries out at most `limit` of what is due: sessions away for too long are closed, matches without an answered
   * offer end (`overdue` of `core/match.ts`), then waiting tickets are looked at again, as far as the visits of this span of time go
   * (`core/search.ts`). `nextMs` is when the next thing is due, undefined for never; it may lie in the past when the
   * limit was reached.
   */
  expire(due: { nowMs: number; limit: number }): Promise<{ nextMs: number | undefined }>;

  /** How many there are. */
  count(): Promise<LobbyCounts>;

  /** How long those counted as waiting have waited so far; of a large crowd that is told by a part of it. */
  waits(at: { nowMs: number }): Promise<Distribution>;
}

export interface NewSession {
  sessionId: SessionId;
  epoch: Epoch;
  /** The network that the stream is opened from. */
  addressKey: NetworkKey;
  nowMs: number;
  /** With this many sessions already here, `open` answers `full`. */
  maxSessions: number;
  /** How many sessions may be there that were opened from each of the networks that the session counts for. */
  quotas: readonly Quota[];
}

export interface Quota {
  key: AddressKey;
  max: number;
}

export interface NewStream {
  sessionId: SessionId;
  /** Epoch and sequence the client knows; an empty epoch asks for a snapshot. */
  epoch: Epoch | "";
  lastSequence: number;
  newEpoch: Epoch;
  /** The network that the stream is opened from. */
  addressKey: NetworkKey;
  nowMs: number;
}

export interface BrokenStream {
  sessionId: SessionId;
  generation: number;
  awayUntilMs: number;
  nowMs: number;
}

/** An open stream and what it starts from. */
export interface Attachment {
  state: "attached";
  /** Counts the streams of a session; only the newest may emit. */
  generation: number;
  epoch: Epoch;
  /** The sequence after which the stream goes on reading the mailbox. */
  lastSequence: number;
  resumed: boolean;
  /** The state at this moment. Not resumed, it contains every event up to `lastSequence` and none after it. */
  snapshot: Snapshot;
}

export interface MatchCommand {
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
  nowMs: number;
}

export interface AppendedEvent {
  sessionId: SessionId;
  event: Event;
  /** Whom the event is about, and what is told of it when the two are kept apart. */
  partner?: { partnerId: SessionId; apart: Event | undefined };
  nowMs: number;
}

export type Relayed =
  | { state: "relayed" }
  /** Taken before; nothing was appended. */
  | { state: "repeated" }
  /** A post before this one is missing. */
  | { state: "gap"; expected: number }
  /** The match is over or not the sender's. */
  | { state: "over" }
  | { state: "unknown" };

export type Partner =
  | { state: "partner"; partnerId: SessionId; partnerKey: NetworkKey; ownKey: NetworkKey }
  /** The match was not the session's, or is too long ago, or the partner is gone for good. */
  | { state: "over" }
  | { state: "unknown" };

export type Reported =
  | {
      state: "reported" | "repeated";
      partnerId: SessionId;
      partnerKey: NetworkKey;
      reporterKey: NetworkKey;
      matchStartMs: number;
      /** Whether both sides had negotiated: an offer of one was answered by the other. */
      bothHeard: boolean;
    }
  /** The match was not the reporter's, or is too long ago. */
  | { state: "over" }
  /** The reporter has reported as many as it may. */
  | { state: "exhausted" }
  | { state: "unknown" };

export interface LobbyCounts {
  sessions: number;
  waiting: number;
  matches: number;
}
