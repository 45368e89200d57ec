import { createHmac, timingSafeEqual } from "node:crypto";
import type { PersonKey, SessionId } from "./ids.js";
import { packStanding, type Standing, unpackStanding } from "./standing.js";

/** Whom a token is for. */
export interface Holder {
  sessionId: SessionId;
  /** The person of the session; undefined for an anonymous session. */
  person: PersonKey | undefined;
  /** What the app said about the person; undefined for nothing. */
  standing?: Standing | undefined;
}

/** Larger than the largest token. */
const MAX_LENGTH = 2048;

/**
 * The token of a session: its ID, the key and the standing of its person if any, and an HMAC-SHA256 over them (base64url,
 * 43 characters), joined by dots.
 */
export function signToken(secret: string, sessionId: SessionId, person?: PersonKey, standing?: Standing): string {
  const about = person === undefined || standing === undefined ? [] : [packStanding(standing)];
  const content = [sessionId, ...(person === undefined ? [] : [person]), ...about].join(".");
  return `${content}.${signature(secret, content)}`;
}

/** Returns the holder of a token; undefined if this server did not sign it. Runs in constant time for any signature. */
export function verifyToken(secret: string, token: string): Holder | undefined {
  const dot = token.lastIndexOf(".");
  if (dot < 1 || token.length > MAX_LENGTH) return undefined;
  const content = token.slice(0, dot);
  const given = Buffer.from(token.slice(dot + 1));
  const expected = Buffer.from(signature(secret, content));
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
  const [sessionId, person, standing] = content.split(".") as [SessionId, PersonKey?, string?];
  return { sessionId, person, standing: standing === undefined ? undefined : unpackStanding(standing) };
}

function signature(secret: string, content: string): string {
  return createHmac("sha256", secret).update(content).digest("base64url");
}
