import type { MatchId, TicketId } from "./ids.js";
import { AVOID_MS, limits } from "./limits.js";

export type Role = "offerer" | "answerer";

/**
 * What ended a match, named after what the one who caused it did. `unanswered`: the answerer did not answer the offer, be
 * it that it would not or that nobody could.
 */
export type Cause = "left" | "skipped" | "lost" | "silent" | "unanswered" | "reported" | "banned";

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

/**
 * How a side goes on: idle, as it wished, or in its old place because it had no call at all. `unless_repeated`: in its old
 * place, too, but idle when its match was the third in a row that ended so.
 */
export type Sequel = "idle" | "if_wished" | "in_old_place" | "unless_repeated";

interface Ending {
  /** What the one who caused it is told. */
  own: EndReason;
  /** What the other is told. */
  partner: EndReason;
  ownSequel: Sequel;
  partnerSequel: Sequel;
  /** How long the two avoid each other, in milliseconds. */
  avoidMs: number;
}

const parting = { ownSequel: "idle", partnerSequel: "if_wished", avoidMs: AVOID_MS } as const;
const noCall = { ownSequel: "idle", partnerSequel: "in_old_place", avoidMs: AVOID_MS } as const;
const noFault = { ownSequel: "unless_repeated", partnerSequel: "unless_repeated", avoidMs: AVOID_MS } as const;
const forGood = { ...parting, avoidMs: Infinity } as const;

/** The whole rule of how matches end. A reported person is not told so: nobody is punished for reporting. */
export const endings = {
  left: { own: "left", partner: "partner_left", ...parting },
  skipped: { own: "left", partner: "partner_skipped", ...parting },
  lost: { own: "left", partner: "partner_lost", ...parting },
  silent: { own: "unresponsive", partner: "partner_unresponsive", ...noCall },
  unanswered: { own: "unresponsive", partner: "partner_unresponsive", ...noFault },
  reported: { own: "reported", partner: "partner_left", ...forGood },
  banned: { own: "banned", partner: "banned", ...forGood },
} as const satisfies Record<Cause, Ending>;

/** @param unanswered how many matches in a row the side has had whose offer nobody answered, this one included */
export function isRequeued(sequel: Sequel, wished: boolean, unanswered: number): boolean {
  if (sequel === "if_wished") return wished;
  return sequel === "in_old_place" || (sequel === "unless_repeated" && unanswered < limits.unansweredMatches);
}

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
 * How a match ends whose handshake deadline passes, and through whom; undefined when it goes on. The offerer's offer comes
 * first: without it there is nothing to answer, whatever else was sent, and the offerer is at fault. With it nobody can say
 * who is: the answerer may be mute, or the offer such that no browser takes it. An answerer that only made offers of its
 * own, which an offerer may ignore (perfect negotiation), has not answered. Whose offer was answered does not matter.
 */
export function overdue({ offered, answered }: Negotiation): { cause: Cause; causer: Role } | undefined {
  if (answered) return undefined;
  return offered.offerer ? { cause: "unanswered", causer: "answerer" } : { cause: "silent", causer: "offerer" };
}

export function otherRole(role: Role): Role {
  return role === "offerer" ? "answerer" : "offerer";
}

/** A match id: the seeker's ticket, and how many matches that ticket has been in before. */
export function matchIdOf(ticketId: TicketId, round: number): MatchId {
  return `${ticketId}.${String(round)}` as MatchId;
}
