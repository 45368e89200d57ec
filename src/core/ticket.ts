import { criteriaOf, type Said, type Statement, valuesOf } from "./criteria.js";
import type { SessionId, TicketId } from "./ids.js";
import { attributeNamed, type MatchingSchema, type Mode, QUARANTINE, QUARANTINED } from "./matching-schema.js";
import { type Plan, planFor } from "./pools.js";
import { isRestricted, type Standing } from "./standing.js";

/** A session's request for a partner. It moves from the queue into a match and, when that fails, back. */
export interface Ticket extends Plan {
  id: TicketId;
  sessionId: SessionId;
  /** What of it a partner learns who is the same. */
  shared: Said;
  /** Hides this side's address from the partner. */
  relayOnly: boolean;
  /** What this side asks its partner for a minute, in millisatoshis; 0 for nothing. Does not decide who is paired. */
  priceMsat: number;
  /** Whether to requeue automatically when a partner leaves or is lost. */
  rematch: boolean;
  /** What its priority is worth, in milliseconds of waiting. */
  headStartMs: number;
  /** When the wait began, in milliseconds; determines the place in the queue. */
  sinceMs: number;
  /** From when on the time counts after which soft filters give way, in milliseconds. */
  softSinceMs: number;
}

/** What a client asks for. */
export interface MatchPreferences {
  preferences: Preferences;
  rematch: boolean;
  /** What the client says of further attributes. */
  attributes?: Statement | undefined;
  filters?: Statement | undefined;
}

export interface Preferences {
  interests: readonly string[];
  languages: readonly string[];
  relayOnly: boolean;
  /** What this side asks its partner for a minute, in millisatoshis. */
  priceMsat?: number | undefined;
}

/** What is known about a person from others. */
export interface Known {
  /** What the app says. */
  standing?: Standing | undefined;
  /** The country of its address, as a code of two letters. */
  country?: string | undefined;
}

/**
 * Creates a ticket at the end of the queue.
 * @throws DomainError `field_invalid`
 */
export function issueTicket(
  id: TicketId,
  sessionId: SessionId,
  wanted: MatchPreferences,
  nowMs: number,
  schema: MatchingSchema,
  known: Known = {},
): Ticket {
  const { preferences, rematch, filters = [] } = wanted;
  const { relayOnly, priceMsat = 0 } = preferences;
  const { attributes: app = [], priority = 0 } = known.standing ?? {};
  const criteria = criteriaOf(schema, {
    client: saidByClient(wanted, known),
    app,
    server: saidByServer(known),
    filters,
  });
  const headStartMs = priority * schema.priorityClassMs;
  const { soft } = planFor(schema, criteria);
  const shared = criteria.attributes.filter(([name]) => name === "interests" || attributeNamed(schema, name)?.isShared);
  const [sinceMs, softSinceMs] = [nowMs, nowMs];
  const plan = { schema, criteria, soft, shared, headStartMs, sinceMs, softSinceMs };
  return { id, sessionId, ...plan, relayOnly, priceMsat, rematch };
}

function saidByClient({ preferences, attributes = [] }: MatchPreferences, { standing }: Known): Statement {
  const { interests, languages } = preferences;
  const all: Statement = [["interests", interests], ["languages", languages], ...attributes];
  if (!isRestricted(standing, "text_only")) return all;
  return [...all.filter(([name]) => name !== "mode"), ["mode", ["text"]]];
}

function saidByServer({ standing, country }: Known): Statement {
  const isQuarantined = isRestricted(standing, "quarantine");
  return [
    ...(isQuarantined ? [[QUARANTINE, [QUARANTINED]] as const] : []),
    ...(country === undefined ? [] : [["country", [country]] as const]),
  ];
}

/** Restarts a ticket's wait after a call took place. */
export function renew(ticket: Ticket, nowMs: number): Ticket {
  return { ...ticket, sinceMs: nowMs, softSinceMs: nowMs };
}

/**
 * Updates a waiting ticket with the criteria of another `Match` call; it keeps its place. The time until its filters
 * give way restarts only if those that do changed.
 */
export function amend(waiting: Ticket, asked: Ticket): Ticket {
  return {
    ...asked,
    id: waiting.id,
    sinceMs: waiting.sinceMs,
    softSinceMs: softCriteria(waiting) === softCriteria(asked) ? waiting.softSinceMs : asked.softSinceMs,
  };
}

/** What a ticket seeks softly, as a text to compare. */
export function softCriteria({ soft, criteria: { attributes, filters } }: Ticket): string {
  return JSON.stringify(soft.map(({ name }) => [name, valuesOf(attributes, name), valuesOf(filters, name)]));
}

/** What a person sends; undefined for video, which a client sends that says nothing. */
export function modeOf({ criteria: { attributes } }: Ticket): Mode | undefined {
  const [mode = "video"] = valuesOf(attributes, "mode");
  return mode === "video" ? undefined : (mode as Mode);
}

/** What a ticket asks for, as a text to compare. */
export function demandOf({ criteria, relayOnly, priceMsat, rematch, headStartMs }: Ticket): string {
  return JSON.stringify([criteria, relayOnly, priceMsat, rematch, headStartMs]);
}

/** How many of its soft filters gave way. */
export function stageAt({ soft, softSinceMs }: Ticket, nowMs: number): number {
  return soft.filter(({ afterMs }) => softSinceMs + afterMs <= nowMs).length;
}

/** When the next soft filter gives way; undefined if none does. */
export function givesWayAtMs({ soft, softSinceMs }: Ticket, stage: number): number | undefined {
  const next = soft[stage];
  return next === undefined ? undefined : softSinceMs + next.afterMs;
}

/** The names of the filters that gave way. */
export function gaveWay({ soft }: Ticket, stage: number): string[] {
  return soft.slice(0, stage).map(({ name }) => name);
}

/**
 * The place of a ticket in its pools: the lowest first. A class of priority counts as a time of waiting, so that those
 * who wait rise and no class starves.
 */
export function rankMs({ sinceMs, headStartMs }: Ticket): number {
  return sinceMs - headStartMs;
}
