import type { Said } from "../../core/criteria.js";
import type { Wait } from "../../core/event.js";
import type { AddressKey, DeviceKey, Epoch, MatchId, NetworkKey, PersonKey, SessionId } from "../../core/ids.js";
import type { Profile } from "../../core/identity.js";
import type { Negotiation, Role } from "../../core/match.js";
import type { Ticket } from "../../core/ticket.js";
import type { Whereabouts } from "../../ports/guests.js";
import type { CloseReason } from "../../ports/mailbox.js";
import type { Avoided } from "./avoided.js";
import type { EventBuffer } from "./event-buffer.js";
import type { PastMatches } from "./past-matches.js";
import type { Line } from "./pools.js";

/** A session and what it is doing. */
export interface Session {
  readonly kind: "session";
  readonly id: SessionId;
  epoch: Epoch;
  generation: number;
  /** The network that its newest stream was opened from. */
  addressKey: NetworkKey;
  /** The person, else the browser, that it belongs to, if known. */
  readonly party: PersonKey | DeviceKey | undefined;
  /** What partners are shown about its person. */
  profile: Profile | undefined;
  /** The networks that it counts towards. */
  readonly openedFrom: readonly AddressKey[];
  attached: boolean;
  /** Until when a session that is away is kept. */
  awayUntilMs: number;
  doing: { state: "idle" } | { state: "waiting"; waiter: Waiter } | { state: "matched"; match: Match; role: Role };
  events: EventBuffer;
  /** How others remember it; undefined before its first match ended. */
  contact: Contact | undefined;
  /** Partners to avoid; undefined before the first. */
  avoided: Avoided | undefined;
  /** Matches that may still be reported; undefined before the first. */
  past: PastMatches | undefined;
  /** Consecutive matches whose offer was not answered. */
  unanswered: number;
  reportsMade: number;
  reportsReceived: number;
  /** A revision, by which sessions are listed in the order in which they were opened. */
  readonly rank: number;
  readonly openedMs: number;
  /** Of a guest: its match, and where the other half of a received one is. */
  guest?: { matchId: MatchId; other: Whereabouts | undefined };
}

/** A ticket in the queue, or set aside while its session is away. */
export interface Waiter {
  readonly kind: "waiter";
  readonly session: Session;
  readonly ticket: Ticket;
  /** Number of matches that this ticket has been in. */
  round: number;
  /**
   * Its place in the pools, the lowest first: its rank, and in the same millisecond the order of arrival. No other waiter
   * in the pools has it. A number, as it is compared without touching the waiters, which are far apart in memory.
   */
  place: number;
  /** How many of its soft filters gave way. */
  stage: number;
  /** The line that it stands in; undefined while it is set aside. */
  line: Line | undefined;
  /** Its index in the list of all who stand. */
  index: number;
  /** The position of its search; undefined once it has seen all. */
  search: Search | undefined;
  /** When the first avoided partner that the search passed may be paired again, and how many there are. */
  recentUntilMs: number | undefined;
  fittingCount: number;
  /** When to search again after the search has seen all. */
  searchAtMs: number;
  /** The wait that the session was sent last; undefined before the first. */
  sentWait: Wait | undefined;
  /** The match with a guest that it is reserved for, while it is set aside. */
  reservedFor: MatchId | undefined;
}

/** The position of a search: a tier, and the place of the last waiter seen in it. */
export interface Search {
  tier: number;
  after: number | undefined;
}

export interface Match {
  readonly kind: "match";
  readonly id: MatchId;
  /** A revision, by which matches are listed in the order in which they began. */
  readonly rank: number;
  readonly startMs: number;
  readonly relayOnly: boolean;
  readonly shared: Said;
  readonly sides: Readonly<Record<Role, Side>>;
  readonly negotiation: Negotiation;
}

export interface Side {
  readonly session: Session;
  /** The profile of its person when the match began. */
  readonly profile: Profile | undefined;
  readonly ticket: Ticket;
  readonly round: number;
  /** Highest client sequence accepted. */
  clientSequence: number;
}

/** A session as its partners remember it: it may be closed. */
export interface Contact {
  readonly id: SessionId;
  /** Its network when they parted. */
  readonly addressKey: NetworkKey;
}

export interface PastMatch {
  partner: Contact;
  startMs: number;
  endMs: number;
  reported: boolean;
  /** Whether an offer was answered in the match. */
  bothHeard: boolean;
}

/** Callbacks for changes of a session's mailbox. Outlives the session, so that its stream can read the close reason. */
export interface Watch {
  wakes: Set<() => void>;
  closed: CloseReason | undefined;
}
