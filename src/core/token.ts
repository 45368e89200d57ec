import { createHmac, timingSafeEqual } from "node:crypto";
import type { DeviceKey, PersonKey, SessionId } from "./ids.js";
import type { Known } from "./session-key.js";

/** Whom a token is for. */
export interface Holder extends Known {
  sessionId: SessionId;
}

/**
 * The token of a session: its ID, the keys of its person and its browser if known, and an HMAC-SHA256 over them
 * (base64url, 43 characters), joined by dots.
 */
export function signToken(secret: string, sessionId: SessionId, { person, device }: Known = {}): string {
  const content = [sessionId, person, device].filter((part) => part !== undefined).join(".");
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
  const [sessionId = "", ...keys] = content.split(".");
  return {
    sessionId: sessionId as SessionId,
    person: keys.find((key) => key.startsWith("~")) as PersonKey | undefined,
    device: keys.find((key) => key.startsWith("^")) as DeviceKey | undefined,
  };
}

function signature(secret: string, content: string): string {
  return createHmac("sha256", secret).update(content).digest("base64url");
}
