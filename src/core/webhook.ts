import type { LogEventType } from "./log-event.js";

/** The name of each type of event in webhooks. */
export const webhookTypes = {
  session_opened: "session.opened",
  session_closed: "session.closed",
  match_began: "match.began",
  match_ended: "match.ended",
  report_filed: "report.filed",
  case_opened: "case.opened",
  case_resolved: "case.resolved",
  banned: "ban.created",
  unbanned: "ban.lifted",
  appeal_filed: "appeal.filed",
  appeal_decided: "appeal.decided",
  action_taken: "action.taken",
  action_lifted: "action.lifted",
  action_acknowledged: "action.acknowledged",
  tip_settled: "tip.settled",
  tip_received: "tip.received",
  events_lost: "events.lost",
} as const satisfies Record<LogEventType, string>;

/** The first and the longest pause after a failed delivery, in milliseconds. It doubles each time. */
const [FIRST_MS, LONGEST_MS] = [5_000, 24 * 60 * 60_000];

/**
 * The pause after that many failures in a row, shortened by up to a fifth at random. A receiver may ask for a longer one.
 * @param chance from 0 to 1
 */
export function pauseAfterMs(failures: number, chance: number, askedMs = 0): number {
  const pauseMs = FIRST_MS * 2 ** Math.min(failures - 1, 30) * (1 - chance / 5);
  return Math.round(Math.min(Math.max(pauseMs, askedMs), LONGEST_MS));
}
