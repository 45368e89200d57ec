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
  | "commands"
  | "channelChanges"
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

/** Encodes a position in the changes of one process, as an opaque token. */
export function runToken({ runMs, number }: RunPosition): string {
  return encode("channelChanges", runMs, number);
}

/**
 * Returns the position in a token; undefined for an empty one.
 * @throws DomainError `field_invalid` for a token of another list
 */
export function runFrom(token: string, field: string): RunPosition | undefined {
  if (token === "") return undefined;
  const [runMs = 0, number = 0] = decode("channelChanges", token, field, 2);
  return { runMs, number };
}

/** A process, by the time of its start in milliseconds, and the number of one of its changes. */
interface RunPosition {
  runMs: number;
  number: number;
}

/** Encodes the last channel of a page, as an opaque token. */
export function channelToken(channelId: string | undefined): string {
  return channelId === undefined ? "" : Buffer.from(`channels ${channelId}`).toString("base64url");
}

/**
 * Returns the channel in a token; empty for an empty one.
 * @throws DomainError `field_invalid` for a token of another list
 */
export function channelFrom(token: string, field: string): string {
  if (token === "") return "";
  const channelId = /^channels ([0-9a-f]{64}:\d{1,5})$/.exec(Buffer.from(token, "base64url").toString())?.[1];
  return channelId !== undefined && channelToken(channelId) === token ? channelId : refuseToken(field);
}

function encode(listing: Listing, ...numbers: number[]): string {
  return Buffer.from([listing, ...numbers].join(" ")).toString("base64url");
}

function decode(listing: Listing, token: string, field: string, count: number): number[] {
  const [, ...words] = Buffer.from(token, "base64url").toString().split(" ");
  const numbers = words.map(Number);
  const areNumbers = words.every((word) => /^\d{1,16}$/.test(word)) && numbers.every(Number.isSafeInteger);
  if (areNumbers && numbers.length === count && encode(listing, ...numbers) === token) return numbers;
  return refuseToken(field);
}

function refuseToken(field: string): never {
  throw new DomainError("field_invalid", `${field}: was not issued for this list`, { field });
}
