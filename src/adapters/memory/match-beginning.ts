import { sharedBetween, sharedOf } from "../../core/criteria.js";
import { matchIdOf, otherRole, type Role } from "../../core/match.js";
import { minutePricesOf } from "../../core/price.js";
import type { Description } from "../../core/signal.js";
import { modeOf } from "../../core/ticket.js";
import type { LobbyState } from "./lobby-state.js";
import type { Match, Side, Waiter } from "./state.js";

/** The match of a waiter and the one that it found. */
export function matchOf(
  seeker: Waiter,
  found: Waiter,
  rank: number,
  nowMs: number,
  offer: Description | undefined,
): Match {
  return {
    kind: "match",
    id: matchIdOf(seeker.ticket.id, seeker.round),
    rank,
    startMs: nowMs,
    relayOnly: seeker.ticket.relayOnly || found.ticket.relayOnly,
    shared: sharedBetween(seeker.ticket.shared, found.ticket.shared),
    sides: { offerer: sideOf(seeker), answerer: sideOf(found) },
    negotiation: { offered: { offerer: offer !== undefined, answerer: false }, answered: false },
  };
}

/** Moves a session into its match and sends it the beginning. */
export function sendMatchBeginning(
  realm: LobbyState,
  match: Match,
  role: Role,
  nowMs: number,
  offer: Description | undefined,
): void {
  const { session, ticket } = match.sides[role];
  session.doing = { state: "matched", match, role };
  const { id: matchId, relayOnly } = match;
  const { sinceMs } = ticket;
  const { profile: partnerProfile, ticket: theirs } = match.sides[otherRole(role)];
  const modes = { partnerMode: modeOf(theirs), ownMode: modeOf(ticket) };
  const about = { matchId, role, ...sharedOf(match.shared), ...modes, offer, relayOnly };
  const minutePrices = minutePricesOf(ticket.priceMsat, theirs.priceMsat, match.startMs);
  realm.send(session, { type: "matched", ...about, sinceMs, partnerProfile, minutePrices }, nowMs);
}

function sideOf({ session, ticket, round }: Waiter): Side {
  return { session, profile: session.profile, ticket, round: round + 1, clientSequence: 0 };
}
