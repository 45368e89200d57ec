import { createHmac } from "node:crypto";
import type { IceServer } from "../../core/ice-server.js";
import type { SessionId } from "../../core/ids.js";
import type { TurnCredentials } from "../../ports/turn-credentials.js";

interface SharedSecretSettings {
  turnUrls: readonly string[];
  /** `static-auth-secret` of coturn. */
  secret: string;
  lifetimeMs: number;
}

/**
 * Credentials that a TURN server verifies without a lookup: the user name contains the expiry, the password is an
 * HMAC-SHA1 of it (draft-uberti-behave-turn-rest-00).
 */
export class SharedSecret implements TurnCredentials {
  constructor(private readonly settings: SharedSecretSettings) {}

  issue(sessionId: SessionId, nowMs: number): readonly IceServer[] {
    const { turnUrls, secret, lifetimeMs } = this.settings;
    if (turnUrls.length === 0) return [];
    const username = `${String(Math.floor((nowMs + lifetimeMs) / 1000))}:${sessionId}`;
    const credential = createHmac("sha1", secret).update(username).digest("base64");
    return [{ urls: [...turnUrls], username, credential, lifetimeMs }];
  }
}
