import type { SessionId, TicketId } from "./ids.js";
import { normalize, type Preferences } from "./pools.js";

/** A session's wish for a partner. It goes from the queue into a match and, when that fails, back. */
export interface Ticket {
  id: TicketId;
  sessionId: SessionId;
  preferences: Preferences;
  /** Queue again by itself when a partner leaves or is lost. */
  rematch: boolean;
  /** When the wait began, in milliseconds; the place in the queue. */
  sinceMs: number;
  /** From when on anyone will do, in milliseconds. */
  widenAtMs: number;
  /** How long a wait lasts before that, in milliseconds. */
  widenAfterMs: number;
}

export interface Wish {
  preferences: Preferences;
  rematch: boolean;
}

/** A new ticket at the end of the queue. */
export function issueTicket(
  id: TicketId,
  sessionId: SessionId,
  wish: Wish,
  nowMs: number,
  widenAfterMs: number,
): Ticket {
  return {
    id,
    sessionId,
    preferences: normalize(wish.preferences),
    rematch: wish.rematch,
    sinceMs: nowMs,
    widenAtMs: nowMs + widenAfterMs,
    widenAfterMs,
  };
}

/** The ticket with its wait begun anew: a call took place in between. */
export function renew(ticket: Ticket, nowMs: number): Ticket {
  return { ...ticket, sinceMs: nowMs, widenAtMs: nowMs + ticket.widenAfterMs };
}

/**
 * What a `Match` call of someone who already waits makes of its ticket: the new wish, in the old place.
 * Widening starts over only when the interests are others.
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

/** Whether two tickets ask for the same. */
export function sameWish(a: Ticket, b: Ticket): boolean {
  return a.rematch === b.rematch && JSON.stringify(a.preferences) === JSON.stringify(b.preferences);
}

export function isWidened(ticket: Ticket, nowMs: number): boolean {
  return nowMs >= ticket.widenAtMs;
}
