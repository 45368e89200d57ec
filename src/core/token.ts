import { createHmac, timingSafeEqual } from "node:crypto";
import type { PersonKey, SessionId } from "./ids.js";

/** Whom a token is for. */
export interface Holder {
  sessionId: SessionId;
  /** The person of the session; undefined for an anonymous session. */
  person: PersonKey | undefined;
}

/**
 * The token of a session: its ID, the key of its person if any, and an HMAC-SHA256 over both (base64url, 43 characters),
 * joined by dots.
 */
export function signToken(secret: string, sessionId: SessionId, person?: PersonKey): string {
  const content = person === undefined ? sessionId : `${sessionId}.${person}`;
  return `${content}.${signature(secret, content)}`;
}

/** Returns the holder of a token; undefined if this server did not sign it. Runs in constant time for any signature. */
export function verifyToken(secret: string, token: string): Holder | undefined {
  const dot = token.lastIndexOf(".");
  if (dot < 1 || token.length > 128) return undefined;
  const content = token.slice(0, dot);
  const given = Buffer.from(token.slice(dot + 1));
  const expected = Buffer.from(signature(secret, content));
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
  const [sessionId, person] = content.split(".") as [SessionId, PersonKey?];
  return { sessionId, person };
}

function signature(secret: string, content: string): string {
  return createHmac("sha256", secret).update(content).digest("base64url");
}
