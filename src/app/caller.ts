import { DomainError } from "../core/errors.js";
import type { SessionId } from "../core/ids.js";
import type { Known } from "../core/session-key.js";
import { isRestricted, type Restriction, type Standing } from "../core/standing.js";

/** An authenticated caller. */
export interface Caller extends Known {
  /** The session of a valid token; undefined without a token. The session itself may be over. */
  sessionId: SessionId | undefined;
  /** What the app says about the person of the session; undefined for nothing. */
  standing?: Standing | undefined;
  /** Returns the country that the caller is in, as a code of two letters; undefined if it is not known. */
  country?: (() => string | undefined) | undefined;
  /** The client's host, for limits. Never logged. */
  host: string;
}

/** @throws DomainError `token_invalid` for a caller without a token */
export function sessionOf(caller: Caller): SessionId {
  if (caller.sessionId !== undefined) return caller.sessionId;
  throw new DomainError("token_invalid", "send `authorization: Bearer <token>` with the token from Welcome");
}

/** @throws DomainError `restricted` for a caller to whom the app denies something */
export function refuseRestricted({ standing }: Caller, restriction: Restriction): void {
  if (!isRestricted(standing, restriction)) return;
  throw new DomainError("restricted", "the app does not allow this person to do this", { problem: restriction });
}

/** Refuses a caller whose session is over. */
export function refuseUnknown(): never {
  throw new DomainError("session_unknown", "this session is over; open a stream without a token to start a new one");
}
