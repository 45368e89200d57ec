import { createHmac } from "node:crypto";
import type { SessionId } from "../core/ids.js";

export interface IceServer {
  urls: string[];
  username?: string;
  credential?: string;
  /** How long the credential is valid, in milliseconds. */
  lifetimeMs?: number;
}

export interface IceSettings {
  stunUrls: readonly string[];
  turnUrls: readonly string[];
  /** Shared with the TURN server (`static-auth-secret` of coturn); empty without TURN. */
  turnSecret: string;
  /** Every call is relayed, whatever people ask for. */
  relayAlways: boolean;
}

/** How long a TURN credential is valid, in milliseconds. */
const CREDENTIAL_MS = 600_000;

/**
 * The STUN and TURN servers for a session. TURN credentials are of the kind TURN servers check without a lookup: the
 * user name is its own expiry, the password an HMAC-SHA1 over it (draft-uberti-behave-turn-rest-00).
 */
export function iceServers(settings: IceSettings, sessionId: SessionId, nowMs: number): IceServer[] {
  const servers: IceServer[] = [];
  if (settings.stunUrls.length > 0) servers.push({ urls: [...settings.stunUrls] });
  if (settings.turnUrls.length > 0) {
    const username = `${String(Math.floor((nowMs + CREDENTIAL_MS) / 1000))}:${sessionId}`;
    const credential = createHmac("sha1", settings.turnSecret).update(username).digest("base64");
    servers.push({ urls: [...settings.turnUrls], username, credential, lifetimeMs: CREDENTIAL_MS });
  }
  return servers;
}
