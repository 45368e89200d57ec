import type { Ending } from "../core/guest.js";
import type { Epoch, MatchId, NetworkKey, PersonKey, SessionId } from "../core/ids.js";
import type { Profile } from "../core/identity.js";
import type { Role } from "../core/match.js";

/**
 * Matches between two realms. Each realm holds the whole match, in which a guest stands for the person of the other
 * realm; an instance relays the events in the mailbox of each guest to the other guest. A guest never waits, and events in
 * its mailbox have further fields: `post` for signals, and `ending`.
 *
 * Like those of `Lobby`, all verbs are atomic and safe to repeat. The name of a match is that of its reservation, and
 * every step names it, so that a late step of an earlier attempt changes nothing.
 */
export interface Guests {
  /**
   * Takes at most `limit` of those out of the pools who have waited for `waitedMs`, in turn. Nobody else pairs them until
   * `untilMs`, when those who are still reserved return to their place. Changes nothing that they see.
   */
  reserve(request: ReservationRequest): Promise<Reservation[]>;

  /** Returns a reserved session to its place, where it is paired if a partner fits. */
  release(reserved: { sessionId: SessionId; matchId: MatchId; nowMs: number }): Promise<void>;

  /**
   * Opens the guest and pairs it with the longest-waiting ticket that fits; without one, if the match is over already, or
   * if the realm has banned the person, there is no guest. An earlier visit of the same guest ends.
   */
  visit(visit: Visit): Promise<Hosted | { state: "nobody" }>;

  /**
   * Pairs a session with the guest that it was reserved for. `lapsed`: it is not reserved for that match any more, or the
   * realm has banned the other person, and there is no guest.
   */
  receive(reception: Reception): Promise<Stay | { state: "lapsed" }>;

  /** Closes a guest of that match. If the match runs, it ends so. */
  depart(departure: Departure): Promise<void>;

  /**
   * Takes a guest of that match over, which ends its absence. Its mailbox is read from the first event that it holds.
   * `unknown`: there is none, or the match is over. Then nothing changes.
   */
  takeOver(guest: { guestId: SessionId; matchId: MatchId; nowMs: number }): Promise<Stay | { state: "unknown" }>;

  /**
   * Returns at most `limit` received guests that nobody relays for any more. They are not
   * returned again until `untilMs`; an instance that takes one over by then keeps it.
   */
  strays(request: { limit: number; untilMs: number; nowMs: number }): Promise<Stray[]>;

  /** Makes the guests of received matches strays without their absence, for another instance to take over. */
  handOver(guests: { guestIds: readonly SessionId[] }): Promise<void>;
}

export interface ReservationRequest {
  waitedMs: number;
  untilMs: number;
  limit: number;
  nowMs: number;
}

export interface Reservation {
  matchId: MatchId;
  traveller: Traveller;
}

/** A person as one realm describes it to another. */
export interface Traveller {
  sessionId: SessionId;
  addressKey: NetworkKey;
  profile: Profile | undefined;
  /** Whom the person has blocked; empty for others. */
  blocked: readonly PersonKey[];
  /** The ticket as the store keeps it: for stores of the same kind and matching schema only. */
  ticket: string;
  /** The number of matches that the ticket was in. */
  round: number;
  /** How long it has waited, and for how long the time of its soft filters counts, in milliseconds. */
  waitedMs: number;
  softWaitedMs: number;
}

export interface Visit {
  guestId: SessionId;
  traveller: Traveller;
  epoch: Epoch;
  nowMs: number;
}

export interface Reception extends Visit {
  /** The session that was reserved, and for which match. */
  sessionId: SessionId;
  matchId: MatchId;
  /** Where the match's other half is, for `strays`. */
  other: Whereabouts;
}

export interface Whereabouts {
  realm: string;
  guestId: SessionId;
}

/** A guest in a match, and the position from which its mailbox is read. */
export interface Stay {
  state: "staying";
  role: Role;
  generation: number;
  epoch: Epoch;
  afterSequence: number;
}

export interface Hosted {
  state: "hosted";
  stay: Stay;
  /** Whom the guest was paired with. */
  partner: Traveller;
}

export interface Departure extends Ending {
  guestId: SessionId;
  matchId: MatchId;
  nowMs: number;
}

export interface Stray {
  guestId: SessionId;
  matchId: MatchId;
  other: Whereabouts;
}
