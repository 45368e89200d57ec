import { createHmac } from "node:crypto";
import { shareOf } from "../core/address.js";
import { DomainError } from "../core/errors.js";
import type { AddressKey, MatchId, SessionId } from "../core/ids.js";
import type { Clock } from "../ports/clock.js";
import type { Partners } from "../ports/partners.js";
import type { Quotas } from "../ports/quotas.js";
import type { Bans } from "./bans.js";
import { type Caller, refuseUnknown, sessionOf } from "./caller.js";

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
  /** The secret shared with the TURN server (`static-auth-secret` of coturn); empty without TURN. */
  turnSecret: string;
  /** Whether every call is relayed, whatever its preferences. */
  relayAlways: boolean;
  /** How many credentials a network may request in an hour, beside those that come with matches. */
  credentialsPerHour: number;
}

/** How long a TURN credential is valid, in milliseconds. */
const CREDENTIAL_MS = 600_000;

const HOUR_MS = 3_600_000;
type CredentialSettings = Pick<IceSettings, "stunUrls" | "turnUrls" | "turnSecret">;
/** Belongs to no session: only the session itself is looked up. */
const NO_MATCH = "" as MatchId;

interface RelayCredentialsDependencies {
  lobby: Pick<Partners, "partner">;
  quotas: Quotas;
  bans: Bans;
  clock: Clock;
  settings: IceSettings;
}

/** Issues relay credentials to sessions that prepare, repair or rejoin a call. */
export class RelayCredentials {
  constructor(private readonly deps: RelayCredentialsDependencies) {}

  /** @throws DomainError `banned`, `limit_reached`, `session_unknown` */
  async iceServers(caller: Caller): Promise<IceServer[]> {
    const { lobby, bans, clock, settings } = this.deps;
    const sessionId = sessionOf(caller);
    const network = bans.networkOf(caller.host);
    bans.refuse(network);
    const nowMs = clock.nowMs();
    const { state } = await lobby.partner({ sessionId, matchId: NO_MATCH, nowMs });
    if (state === "unknown") refuseUnknown();
    if (settings.turnUrls.length > 0) await this.#count([...bans.hostKeys(caller.host), ...network.levels], nowMs);
    // The network may have been banned meanwhile.
    bans.refuse(network);
    return iceServers(settings, sessionId, clock.nowMs());
  }

  /** @param keys those of the host and of the networks that contain it, the narrowest first */
  async #count(keys: readonly AddressKey[], nowMs: number): Promise<void> {
    const { quotas, settings } = this.deps;
    for (const [level, key] of [...new Set(keys)].entries()) {
      const max = shareOf(level, settings.credentialsPerHour);
      const taking = await quotas.take({ name: `turn:${key}`, max, windowMs: HOUR_MS, nowMs });
      if (taking.state === "taken") continue;
      const message = `too many relay credentials for this network: at most ${String(max)} per hour`;
      throw new DomainError("limit_reached", message, { retryAfterMs: taking.retryAfterMs });
    }
  }
}

/** The STUN servers, which need no credentials. */
export function stunServers({ stunUrls }: Pick<IceSettings, "stunUrls">): IceServer[] {
  return stunUrls.length > 0 ? [{ urls: [...stunUrls] }] : [];
}

/**
 * The STUN and TURN servers for a session. TURN servers verify these credentials without a lookup: the user name is the
 * expiry, the password an HMAC-SHA1 of it (draft-uberti-behave-turn-rest-00).
 */
export function iceServers(settings: CredentialSettings, sessionId: SessionId, nowMs: number): IceServer[] {
  const servers = stunServers(settings);
  if (settings.turnUrls.length > 0) {
    const username = `${String(Math.floor((nowMs + CREDENTIAL_MS) / 1000))}:${sessionId}`;
    const credential = createHmac("sha1", settings.turnSecret).update(username).digest("base64");
    servers.push({ urls: [...settings.turnUrls], username, credential, lifetimeMs: CREDENTIAL_MS });
  }
  return servers;
}
