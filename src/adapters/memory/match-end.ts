import { type Ending, isGuest } from "../../core/guest.js";
import type { MatchId } from "../../core/ids.js";
import { type EndReason, isRequeued, type Sequel } from "../../core/match.js";
import { renew, type Ticket } from "../../core/ticket.js";
import type { LobbyState } from "./lobby-state.js";
import type { Match, Side } from "./state.js";

/** Clears the deadline of a match whose offer was answered, and resets the count of unanswered matches of its sides. */
export function meetDeadline(realm: LobbyState, match: Match): void {
  realm.deadlines.delete(match);
  match.sides.offerer.session.unanswered = 0;
  match.sides.answerer.session.unanswered = 0;
}

/** Sends a side the end of its match. Returns the ticket with which it waits again, if it does. */
export function sendMatchEnd(
  realm: LobbyState,
  { session, ticket }: Side,
  { matchId, reason, sequel, ending }: { matchId: MatchId; reason: EndReason; sequel: Sequel; ending: Ending },
  nowMs: number,
): Ticket | undefined {
  if (isGuest(session.id)) {
    realm.send(session, { type: "match_ended", matchId, reason, requeued: false, ending }, nowMs);
    return undefined;
  }
  if (sequel === "unless_repeated") session.unanswered++;
  const requeued = isRequeued(sequel, ticket.rematch, session.unanswered);
  realm.send(session, { type: "match_ended", matchId, reason, requeued }, nowMs);
  if (!requeued) return undefined;
  return sequel === "if_rematch" ? renew(ticket, nowMs) : ticket;
}
