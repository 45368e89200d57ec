import { limits, REVISIT_MS, SEARCH_PAUSE_MS } from "./limits.js";
import { givesWayAtMs, type Ticket } from "./ticket.js";

/**
 * How a waiting ticket searches.
 *
 * A search visits the tickets in the pools of its tiers, tier by tier, highest rank first, each once, until one fits or
 * all were visited. After a number of visits, or places, it pauses and then continues. A ticket that enters a pool, or
 * returns to it, starts a search of its own; so of any two tickets the later one sees the other, and a complete search
 * need not be repeated before a filter gives way or an avoided partner is allowed again. Only avoided partners can be in
 * the way, so a search ends after as many visits as a session can avoid partners.
 */
export interface SearchBounds {
  /** Candidates visited before a search pauses. */
  visits: number;
  /** Places in pools passed before a search pauses: its cost, as each candidate has one in up to 66 pools. */
  places: number;
  /**
   * Places passed when a ticket is revisited as planned, because a filter gives way or as a precaution. A search that is
   * not complete by then pauses and continues behind planned visits (`PLANNED_SHARE`), so that long searches hardly
   * delay short ones.
   */
  lookPlaces: number;
  /** Places passed by all searches in one step of the lobby, and by those that continue within `SEARCH_PAUSE_MS`. */
  stepPlaces: number;
}

export const searchBounds: SearchBounds = {
  visits: limits.searchVisits,
  places: limits.searchPlaces,
  lookPlaces: limits.lookPlaces,
  stepPlaces: limits.stepPlaces,
};

/**
 * The share of a span's places that planned visits get first; then paused searches continue, then further visits use
 * what is left. Neither kind can starve the other.
 */
export const PLANNED_SHARE = 0.75;

/**
 * When a ticket whose search found no partner searches again: when its next filter gives way, when one of the visited
 * partners is no longer avoided, and in any case when it has waited twice as long, in case a store lost something.
 */
export function searchAgainAtMs(
  ticket: Ticket,
  stage: number,
  nowMs: number,
  avoidedUntilMs: number | undefined,
): number {
  const dates = [nowMs + Math.max(REVISIT_MS, nowMs - ticket.sinceMs)];
  const nextMs = givesWayAtMs(ticket, stage);
  if (nextMs !== undefined) dates.push(nextMs);
  if (avoidedUntilMs !== undefined) dates.push(avoidedUntilMs > nowMs ? avoidedUntilMs : nowMs + SEARCH_PAUSE_MS);
  return Math.min(...dates);
}

/** When a waiting ticket is revisited after a complete search. */
export function lookAtMs(searchAtMs: number, nowMs: number): number {
  return Math.min(searchAtMs, nowMs + REVISIT_MS);
}

/** The number of the time span in which continued searches share `stepPlaces`. */
export function spanAt(nowMs: number): number {
  return Math.floor(nowMs / SEARCH_PAUSE_MS);
}

export function spanEndMs(span: number): number {
  return (span + 1) * SEARCH_PAUSE_MS;
}
