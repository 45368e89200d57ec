import type { MatchId, TicketId } from "./ids.js";
import { AVOID_MS, limits } from "./limits.js";

export type Role = "offerer" | "answerer";

/**
 * What ended a match, named after the initiator's action. `unanswered`: the answerer did not answer the offer, whether it
 * did not want to or could not.
 */
export type Cause =
  | "left"
  | "skipped"
  | "lost"
  | "unresponsive"
  | "unanswered"
  | "reported"
  | "banned"
  | "blocked"
  /** An operator ended it. */
  | "dismissed";

/** Why a match ended, from a side's point of view. */
export type EndReason =
  | "left"
  | "partner_left"
  | "partner_skipped"
  | "partner_lost"
  | "unresponsive"
  | "partner_unresponsive"
  | "reported"
  | "banned"
  /** An operator ended it. */
  | "dismissed";

/**
 * How a side continues: idle, searching again if it asked for a rematch, or in its old place because it had no call.
 * `unless_repeated`: also in its old place, but idle after the third match in a row that ended this way.
 */
export type Sequel = "idle" | "if_rematch" | "in_old_place" | "unless_repeated";

interface Ending {
  /** The reason that the initiator receives. */
  own: EndReason;
  /** The reason that the partner receives. */
  partner: EndReason;
  ownSequel: Sequel;
  partnerSequel: Sequel;
  /** How long the two avoid each other, in milliseconds. */
  avoidMs: number;
}

const parting = { ownSequel: "idle", partnerSequel: "if_rematch", avoidMs: AVOID_MS } as const;
const noCall = { ownSequel: "idle", partnerSequel: "in_old_place", avoidMs: AVOID_MS } as const;
const noFault = { ownSequel: "unless_repeated", partnerSequel: "unless_repeated", avoidMs: AVOID_MS } as const;
const permanent = { ...parting, avoidMs: Infinity } as const;

/** How matches end. Nobody learns of having been reported or blocked, which protects the other side. */
export const endings = {
  left: { own: "left", partner: "partner_left", ...parting },
  skipped: { own: "left", partner: "partner_skipped", ...parting },
  lost: { own: "left", partner: "partner_lost", ...parting },
  unresponsive: { own: "unresponsive", partner: "partner_unresponsive", ...noCall },
  unanswered: { own: "unresponsive", partner: "partner_unresponsive", ...noFault },
  reported: { own: "reported", partner: "partner_left", ...permanent },
  banned: { own: "banned", partner: "banned", ...permanent },
  blocked: { own: "partner_left", partner: "partner_left", ...permanent, ownSequel: "if_rematch" },
  dismissed: { own: "dismissed", partner: "dismissed", ...parting, ownSequel: "if_rematch" },
} as const satisfies Record<Cause, Ending>;

/** What ends the match of a session that is closed. */
export const closingCause = {
  expired: "lost",
  banned: "banned",
  superseded: "left",
  removed: "left",
} as const satisfies Record<string, Cause>;

/** @param unanswered how many matches in a row, including this one, ended with an unanswered offer for this side */
export function isRequeued(sequel: Sequel, rematch: boolean, unanswered: number): boolean {
  if (sequel === "if_rematch") return rematch;
  return sequel === "in_old_place" || (sequel === "unless_repeated" && unanswered < limits.unansweredMatches);
}

/**
 * How far the two sides have negotiated. Only descriptions count, and only as replies to the other side: candidates, or
 * an answer to nothing, neither keep a match alive nor make the other side responsible.
 */
export interface Negotiation {
  /** Whether that side sent an offer. */
  offered: Record<Role, boolean>;
  /** Whether one side answered an offer of the other. */
  answered: boolean;
}

/** The descriptions in a post. */
export interface Descriptions {
  hasOffer: boolean;
  hasAnswer: boolean;
}

/** Records the descriptions in a side's post. @returns whether an offer has been answered */
export function recordDescriptions(
  negotiation: Negotiation,
  role: Role,
  { hasOffer, hasAnswer }: Descriptions,
): boolean {
  if (hasOffer) negotiation.offered[role] = true;
  if (hasAnswer && negotiation.offered[otherRole(role)]) negotiation.answered = true;
  return negotiation.answered;
}

/**
 * How a match ends when its handshake deadline passes, and who caused it; undefined when it continues. The offerer must
 * send an offer first: without it there is nothing to answer, whatever else was sent. An unanswered offer is nobody's
 * fault: the answerer may be mute, or the offer unusable. Offers of the answerer do not count, as an offerer may ignore
 * them (perfect negotiation). It does not matter whose offer was answered.
 */
export function overdue({ offered, answered }: Negotiation): { cause: Cause; initiator: Role } | undefined {
  if (answered) return undefined;
  return offered.offerer
    ? { cause: "unanswered", initiator: "answerer" }
    : { cause: "unresponsive", initiator: "offerer" };
}

export function otherRole(role: Role): Role {
  return role === "offerer" ? "answerer" : "offerer";
}

/** The id of a match: the seeker's ticket id, and the number of matches that the ticket was in before. */
export function matchIdOf(ticketId: TicketId, round: number): MatchId {
  return [ticketId, round].join(".") as MatchId; // flat in memory: a concatenation would keep its parts
}
