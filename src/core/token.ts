import { createHmac, timingSafeEqual } from "node:crypto";
import type { SessionId } from "./ids.js";

/** The token of a session: its id, a dot, and an HMAC-SHA256 over it (base64url, 43 characters). */
export function signToken(secret: string, sessionId: SessionId): string {
  return `${sessionId}.${signature(secret, sessionId)}`;
}

/**
 * Returns the session of a token; undefined if this server did not sign it. Runs in constant time for any signature.
 */
export function verifyToken(secret: string, token: string): SessionId | undefined {
  const dot = token.indexOf(".");
  if (dot < 1 || token.length > 128) return undefined;
  const sessionId = token.slice(0, dot) as SessionId;
  const given = Buffer.from(token.slice(dot + 1));
  const expected = Buffer.from(signature(secret, sessionId));
  return given.length === expected.length && timingSafeEqual(given, expected) ? sessionId : undefined;
}

function signature(secret: string, sessionId: SessionId): string {
  return createHmac("sha256", secret).update(sessionId).digest("base64url");
}
