import type { CasePlace } from "../../core/case.js";
import { DomainError } from "../../core/errors.js";

/** The list that a token belongs to. */
export type Listing =
  | "reports"
  | "bans"
  | "watch"
  | "tips"
  | "deposits"
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
  | "audit"
  | "openAppeals"
  | "decidedAppeals";

/** Encodes where a list continues, as an opaque token. */
export function toToken(listing: Listing, number: number | undefined): string {
  return number === undefined ? "" : encode(listing, number);
}

/**
 * Returns the number in a token; undefined for an empty one.
 * @throws DomainError `field_invalid` for a token of another list
 */
export function fromToken(listing: Listing, token: string, field: string): number | undefined {
  return token === "" ? undefined : decode(listing, token, field, 1)[0];
}

/** Encodes a place in a queue of cases, as an opaque token. */
export function placeToken(place: CasePlace | undefined): string {
  return place === undefined ? "" : encode("cases", place.priority, place.number);
}

/**
 * Returns the place in a token; undefined for an empty one.
 * @throws DomainError `field_invalid` for a token of another list
 */
export function placeFrom(token: string, field: string): CasePlace | undefined {
  if (token === "") return undefined;
  const [priority = 0, number = 0] = decode("cases", token, field, 2);
  return { priority, number };
}

function encode(listing: Listing, ...numbers: number[]): string {
  return Buffer.from([listing, ...numbers].join(" ")).toString("base64url");
}

function decode(listing: Listing, token: string, field: string, count: number): number[] {
  const [, ...words] = Buffer.from(token, "base64url").toString().split(" ");
  const numbers = words.map(Number);
  const areNumbers = words.every((word) => /^\d{1,16}$/.test(word)) && numbers.every(Number.isSafeInteger);
  if (areNumbers && numbers.length === count && encode(listing, ...numbers) === token) return numbers;
  throw new DomainError("field_invalid", `${field}: was not issued for this list`, { field });
}
