import type { CasePlace } from "../../core/case.js";
import { DomainError } from "../../core/errors.js";

/** The list that a token belongs to. */
export type Listing =
  | "reports"
  | "bans"
  | "watch"
  | "tips"
  | "changes"
  | "events"
  | "happenings"
  | "sessions"
  | "sessionsOf"
  | "matches"
  | "people"
  | "actions"
  | "cases"
  | "caseReports"
  | "caseChanges"
  | "audit";

/** Encodes where a list continues, as an opaque token. */
export function toToken(listing: Listing, number: number | undefined): string {
  return number === undefined ? "" : Buffer.from(`${listing} ${String(number)}`).toString("base64url");
}

/**
 * Returns the number in a token; undefined for an empty one.
 * @throws DomainError `field_invalid` for a token of another list
 */
export function fromToken(listing: Listing, token: string, field: string): number | undefined {
  if (token === "") return undefined;
  const text = Buffer.from(token, "base64url").toString();
  const number = Number(/^(\w+) (\d{1,16})$/.exec(text)?.[2]);
  if (toToken(listing, number) === token && Number.isSafeInteger(number)) return number;
  throw new DomainError("field_invalid", `${field}: was not issued for this list`, { field });
}

/** Encodes a place in a queue of cases, as an opaque token. */
export function placeToken(place: CasePlace | undefined): string {
  if (place === undefined) return "";
  return Buffer.from(`cases ${String(place.priority)} ${String(place.number)}`).toString("base64url");
}

/**
 * Returns the place in a token; undefined for an empty one.
 * @throws DomainError `field_invalid` for a token of another list
 */
export function placeFrom(token: string, field: string): CasePlace | undefined {
  if (token === "") return undefined;
  const text = Buffer.from(token, "base64url").toString();
  const [, priority, number] = /^cases (\d{1,5}) (\d{1,16})$/.exec(text) ?? [];
  const place = { priority: Number(priority), number: Number(number) };
  if (placeToken(place) === token && Number.isSafeInteger(place.number)) return place;
  throw new DomainError("field_invalid", `${field}: was not issued for this list`, { field });
}
