import { limits, REVISIT_MS, SEARCH_PAUSE_MS } from "./limits.js";
import { isWidened, type Ticket } from "./ticket.js";

/**
 * How a waiting ticket searches.
 *
 * A search visits those who stand in the pools of its tiers, tier by tier, the longest wait first, each once, until it
 * finds somebody who fits or all were seen. After so many visits, or places, it rests and goes on where it was. Whoever comes to a
 * pool, or comes back to it, begins a search of its own; so of any two the later one sees the other, and a search that
 * has seen all need not be repeated before it widens or somebody is avoided no longer. Only those whom one avoids can
 * stand in the way, so a search ends after as many visits as a session can avoid partners, whatever others do.
 */
export interface SearchBounds {
  /** Candidates visited before a search rests. */
  visits: number;
  /** Places in pools passed before a search rests: what it costs, as each candidate has one in up to 66 pools. */
  places: number;
  /**
   * Places passed when a ticket is looked at as planned, to widen or to be sure. A search that has not ended by then rests
   * and goes on behind such looks (`PLANNED_SHARE`), so that people with long searches delay those with short ones by little.
   */
  lookPlaces: number;
  /** Places passed by all searches in one step of the lobby, and by those that go on within `SEARCH_PAUSE_MS`. */
  stepPlaces: number;
}

export const searchBounds: SearchBounds = {
  visits: limits.searchVisits,
  places: limits.searchPlaces,
  lookPlaces: limits.lookPlaces,
  stepPlaces: limits.stepPlaces,
};

/**
 * Of the places of a span, this share is for looks that are due as planned; then come searches that rest, and then, if
 * there are places left, further looks. So neither kind can keep the other waiting for good.
 */
export const PLANNED_SHARE = 0.75;

/**
 * When somebody whose search found nobody searches again: when the ticket widens, when one of those met is avoided no
 * longer, and in any case when it has waited twice as long, for what a store may have lost.
 */
export function searchAgainAtMs(ticket: Ticket, nowMs: number, avoidedUntilMs: number | undefined): number {
  const dates = [nowMs + Math.max(REVISIT_MS, nowMs - ticket.sinceMs)];
  if (ticket.preferences.interests.length > 0 && !isWidened(ticket, nowMs)) dates.push(ticket.widenAtMs);
  if (avoidedUntilMs !== undefined) dates.push(avoidedUntilMs > nowMs ? avoidedUntilMs : nowMs + SEARCH_PAUSE_MS);
  return Math.min(...dates);
}

/** When a waiting ticket whose search has seen all is looked at again. */
export function lookAtMs(searchAtMs: number, nowMs: number): number {
  return Math.min(searchAtMs, nowMs + REVISIT_MS);
}

/** The span of time, by its number, in which searches that go on share `stepPlaces`. */
export function spanAt(nowMs: number): number {
  return Math.floor(nowMs / SEARCH_PAUSE_MS);
}

export function spanEndMs(span: number): number {
  return (span + 1) * SEARCH_PAUSE_MS;
}
