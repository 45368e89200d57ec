import { createHmac, timingSafeEqual } from "node:crypto";
import type { DeviceKey, PersonKey, SessionId } from "./ids.js";
import type { Known } from "./session-key.js";
import { packStanding, type Standing, unpackStanding } from "./standing.js";

/** Whom a token is for. */
export interface Holder extends Known {
  sessionId: SessionId;
  /** What the app said about the person; undefined for nothing. */
  standing?: Standing | undefined;
}

/** Larger than the largest token. */
const MAX_LENGTH = 2048;

/**
 * The token of a session: its ID, the keys of its person and its browser if known, the standing of the person if any, and
 * an HMAC-SHA256 over them (base64url, 43 characters), joined by dots.
 */
export function signToken(secret: string, sessionId: SessionId, about: Omit<Holder, "sessionId"> = {}): string {
  const { person, device, standing } = about;
  const packed = person === undefined || standing === undefined ? undefined : packStanding(standing);
  const content = [sessionId, person, device, packed].filter((part) => part !== undefined).join(".");
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
  const [sessionId = "", ...about] = content.split(".");
  const standing = about.find((part) => !/^[~^]/.test(part));
  return {
    sessionId: sessionId as SessionId,
    person: about.find((key) => key.startsWith("~")) as PersonKey | undefined,
    device: about.find((key) => key.startsWith("^")) as DeviceKey | undefined,
    standing: standing === undefined ? undefined : unpackStanding(standing),
  };
}

function signature(secret: string, content: string): string {
  return createHmac("sha256", secret).update(content).digest("base64url");
}
