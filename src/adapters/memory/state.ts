import type { Wait } from "../../core/event.js";
import type { AddressKey, Epoch, MatchId, NetworkKey, SessionId } from "../../core/ids.js";
import type { Negotiation, Role } from "../../core/match.js";
import type { Placement } from "../../core/pools.js";
import type { Ticket } from "../../core/ticket.js";
import type { CloseReason } from "../../ports/mailbox.js";
import type { EventBuffer } from "./event-buffer.js";

/** A session and what it is doing. */
export interface Session {
  readonly kind: "session";
  readonly id: SessionId;
  epoch: Epoch;
  generation: number;
  /** The network that its newest stream was opened from. */
  addressKey: NetworkKey;
  /** The networks that it counts for. */
  readonly openedFrom: readonly AddressKey[];
  attached: boolean;
  /** Until when an away session is kept. */
  awayUntilMs: number;
  doing: { state: "idle" } | { state: "waiting"; waiter: Waiter } | { state: "matched"; match: Match; role: Role };
  inbox: EventBuffer;
  /** Partners not to be met before that time, in the order of these times, and never again. Undefined before the first. */
  recent: Map<SessionId, number> | undefined;
  apart: Set<SessionId> | undefined;
  /** Matches that may still be reported; undefined before the first. */
  past: Map<MatchId, PastMatch> | undefined;
  /** Matches in a row whose offer nobody answered. */
  unanswered: number;
  reportsMade: number;
  reportsReceived: number;
}

/** A ticket in the queue, or set aside while its session is away. */
export interface Waiter {
  readonly kind: "waiter";
  readonly session: Session;
  readonly ticket: Ticket;
  /** How many matches this ticket has been in. */
  readonly round: number;
  /** Breaks ties between equal waits: who came first. */
  readonly order: number;
  /** Whether it stands in the pools of those for whom anyone will do. */
  widened: boolean;
  /** Changes only while it stands in no pool. */
  placement: Placement;
  /** Where its search is; undefined once it has seen all. */
  search: Search | undefined;
  /** When the first of those whom the search met is avoided no longer. */
  recentUntilMs: number | undefined;
  /** When to search again after a search that has seen all. */
  searchAtMs: number;
  /** What the session was told last; undefined before the first time. */
  told: Wait | undefined;
}

/** How far a search came: in which tier of the placement, and after whom. */
export interface Search {
  tier: number;
  after: Waiter | undefined;
}

export interface Match {
  readonly kind: "match";
  readonly id: MatchId;
  readonly startMs: number;
  readonly relayOnly: boolean;
  readonly sharedInterests: readonly string[];
  readonly sides: Readonly<Record<Role, Side>>;
  readonly negotiation: Negotiation;
}

export interface Side {
  readonly session: Session;
  readonly ticket: Ticket;
  readonly round: number;
  /** Highest client sequence taken. */
  clientSequence: number;
}

export interface PastMatch {
  partnerId: SessionId;
  /** The partner's network when the match ended. */
  partnerKey: NetworkKey;
  startMs: number;
  endMs: number;
  reported: boolean;
  /** Whether an offer of one was answered by the other. */
  bothHeard: boolean;
}

/** Who is told when a session's mailbox changes; outlives the session, so that its stream learns of the end. */
export interface Watch {
  wakes: Set<() => void>;
  closed: CloseReason | undefined;
}
