import type { SessionId, TicketId } from "./ids.js";
import { normalize, type Preferences } from "./pools.js";

/** A session's request for a partner. It moves from the queue into a match and, when that fails, back. */
export interface Ticket {
  id: TicketId;
  sessionId: SessionId;
  preferences: Preferences;
  /** Whether to requeue automatically when a partner leaves or is lost. */
  rematch: boolean;
  /** When the wait began, in milliseconds; determines the place in the queue. */
  sinceMs: number;
  /** From when on the ticket matches anyone, in milliseconds. */
  widenAtMs: number;
  /** How long the ticket waits before that, in milliseconds. */
  widenAfterMs: number;
}

export interface MatchPreferences {
  preferences: Preferences;
  rematch: boolean;
}

/** Creates a ticket at the end of the queue. */
export function issueTicket(
  id: TicketId,
  sessionId: SessionId,
  wanted: MatchPreferences,
  nowMs: number,
  widenAfterMs: number,
): Ticket {
  return {
    id,
    sessionId,
    preferences: normalize(wanted.preferences),
    rematch: wanted.rematch,
    sinceMs: nowMs,
    widenAtMs: nowMs + widenAfterMs,
    widenAfterMs,
  };
}

/** Restarts a ticket's wait after a call took place. */
export function renew(ticket: Ticket, nowMs: number): Ticket {
  return { ...ticket, sinceMs: nowMs, widenAtMs: nowMs + ticket.widenAfterMs };
}

/**
 * Updates a waiting ticket with the preferences of another `Match` call; it keeps its place. The time until it widens
 * restarts only if the interests changed.
 */
export function amend(waiting: Ticket, asked: Ticket): Ticket {
  const sameInterests = waiting.preferences.interests.join("\n") === asked.preferences.interests.join("\n");
  return {
    ...asked,
    id: waiting.id,
    sinceMs: waiting.sinceMs,
    widenAtMs: sameInterests ? waiting.widenAtMs : asked.widenAtMs,
  };
}

/** Whether two tickets have the same preferences. */
export function asksForSame(a: Ticket, b: Ticket): boolean {
  return a.rematch === b.rematch && JSON.stringify(a.preferences) === JSON.stringify(b.preferences);
}

export function isWidened(ticket: Ticket, nowMs: number): boolean {
  return nowMs >= ticket.widenAtMs;
}
