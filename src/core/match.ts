import type { MatchId, TicketId } from "./ids.js";
import { AVOID_MS } from "./limits.js";

export type Role = "offerer" | "answerer";

/** What ended a match, named after the initiator's action. */
export type Cause = "left" | "skipped" | "lost" | "unresponsive" | "reported" | "banned";

/** Why a match ended, from a side's point of view. */
export type EndReason =
  | "left"
  | "partner_left"
  | "partner_skipped"
  | "partner_lost"
  | "unresponsive"
  | "partner_unresponsive"
  | "reported"
  | "banned";

interface Ending {
  /** The reason that the initiator receives. */
  own: EndReason;
  /** The reason that the partner receives. */
  partner: EndReason;
  /** How the partner is requeued: if it asked for rematches, or in its old place because it had no call at all. */
  partnerQueues: "if_wished" | "in_old_place";
  /** How long the two avoid each other, in milliseconds. */
  avoidMs: number;
}

/**
 * How matches end. A reported session does not learn that it was reported, so that nobody is punished for reporting.
 */
export const endings = {
  left: { own: "left", partner: "partner_left", partnerQueues: "if_wished", avoidMs: AVOID_MS },
  skipped: { own: "left", partner: "partner_skipped", partnerQueues: "if_wished", avoidMs: AVOID_MS },
  lost: { own: "left", partner: "partner_lost", partnerQueues: "if_wished", avoidMs: AVOID_MS },
  unresponsive: {
    own: "unresponsive",
    partner: "partner_unresponsive",
    partnerQueues: "in_old_place",
    avoidMs: AVOID_MS,
  },
  reported: { own: "reported", partner: "partner_left", partnerQueues: "if_wished", avoidMs: Infinity },
  banned: { own: "banned", partner: "banned", partnerQueues: "if_wished", avoidMs: Infinity },
} as const satisfies Record<Cause, Ending>;

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
 * The side that did not respond by the handshake deadline, if any. The offerer must send an offer first; without it
 * there is nothing to answer, whatever else was sent. The answerer must then answer; offers of its own do not count, as
 * an offerer may ignore them (perfect negotiation). It does not matter whose offer was answered.
 */
export function unresponsiveRole({ offered, answered }: Negotiation): Role | undefined {
  if (answered) return undefined;
  return offered.offerer ? "answerer" : "offerer";
}

export function otherRole(role: Role): Role {
  return role === "offerer" ? "answerer" : "offerer";
}

/** The id of a match: the seeker's ticket id, and the number of matches that the ticket was in before. */
export function matchIdOf(ticketId: TicketId, round: number): MatchId {
  return `${ticketId}.${String(round)}` as MatchId;
}
