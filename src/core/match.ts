import type { MatchId, TicketId } from "./ids.js";
import { AVOID_MS } from "./limits.js";

export type Role = "offerer" | "answerer";

/** What ended a match, named after what the one who caused it did. */
export type Cause = "left" | "skipped" | "lost" | "silent" | "reported" | "banned";

/** What a side is told about the end of its match. */
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
  /** What the one who caused it is told. */
  own: EndReason;
  /** What the other is told. */
  partner: EndReason;
  /** How the other goes on: as it wished, or in its old place because it had no call at all. */
  partnerQueues: "if_wished" | "in_old_place";
  /** How long the two avoid each other, in milliseconds. */
  avoidMs: number;
}

/** The whole rule of how matches end. A reported person is not told so: nobody is punished for reporting. */
export const endings = {
  left: { own: "left", partner: "partner_left", partnerQueues: "if_wished", avoidMs: AVOID_MS },
  skipped: { own: "left", partner: "partner_skipped", partnerQueues: "if_wished", avoidMs: AVOID_MS },
  lost: { own: "left", partner: "partner_lost", partnerQueues: "if_wished", avoidMs: AVOID_MS },
  silent: { own: "unresponsive", partner: "partner_unresponsive", partnerQueues: "in_old_place", avoidMs: AVOID_MS },
  reported: { own: "reported", partner: "partner_left", partnerQueues: "if_wished", avoidMs: Infinity },
  banned: { own: "banned", partner: "banned", partnerQueues: "if_wished", avoidMs: Infinity },
} as const satisfies Record<Cause, Ending>;

/**
 * How far the two of a match have negotiated. Only descriptions count, and only as far as the other side's are heard:
 * candidates, or an answer to nothing, keep no match alive and put nobody in the wrong.
 */
export interface Negotiation {
  /** Whether an offer came from that side. */
  offered: Record<Role, boolean>;
  /** Whether an offer of either side was answered by the other. */
  answered: boolean;
}

/** The descriptions in a post. */
export interface Descriptions {
  hasOffer: boolean;
  hasAnswer: boolean;
}

/** A post of that side with these descriptions; changes the negotiation. @returns whether an offer is answered by now */
export function hear(negotiation: Negotiation, role: Role, { hasOffer, hasAnswer }: Descriptions): boolean {
  if (hasOffer) negotiation.offered[role] = true;
  if (hasAnswer && negotiation.offered[otherRole(role)]) negotiation.answered = true;
  return negotiation.answered;
}

/**
 * The side at fault when the handshake deadline passes, if any. The offerer's offer comes first: without it there is
 * nothing to answer, whatever else was sent. With it, an answerer that only made offers of its own, which an offerer
 * may ignore (perfect negotiation), has not answered. Whose offer was answered does not matter.
 */
export function silentRole({ offered, answered }: Negotiation): Role | undefined {
  if (answered) return undefined;
  return offered.offerer ? "answerer" : "offerer";
}

export function otherRole(role: Role): Role {
  return role === "offerer" ? "answerer" : "offerer";
}

/** A match id: the seeker's ticket, and how many matches that ticket has been in before. */
export function matchIdOf(ticketId: TicketId, round: number): MatchId {
  return `${ticketId}.${String(round)}` as MatchId;
}
