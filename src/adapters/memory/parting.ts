import type { MatchId } from "../../core/ids.js";
import { type EndReason, isQueuedAgain, type Sequel } from "../../core/match.js";
import { renew, type Ticket } from "../../core/ticket.js";
import type { Realm } from "./realm.js";
import type { Match, Side } from "./state.js";

/** An offer was answered in a match: its deadline is met, and what its sides failed at before is forgotten. */
export function meetDeadline(realm: Realm, match: Match): void {
  realm.agenda.delete(match);
  match.sides.offerer.session.unanswered = 0;
  match.sides.answerer.session.unanswered = 0;
}

/** Tells a side how its match ended. Returns the ticket with which it waits again, if it does. */
export function tellEnd(
  realm: Realm,
  { session, ticket }: Side,
  { matchId, reason, sequel }: { matchId: MatchId; reason: EndReason; sequel: Sequel },
  nowMs: number,
): Ticket | undefined {
  if (sequel === "unless_repeated") session.unanswered++;
  const queuedAgain = isQueuedAgain(sequel, ticket.rematch, session.unanswered);
  realm.tell(session, { type: "match_ended", matchId, reason, queuedAgain }, nowMs);
  if (!queuedAgain) return undefined;
  return sequel === "if_wished" ? renew(ticket, nowMs) : ticket;
}
