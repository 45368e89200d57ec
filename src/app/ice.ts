import { shareOf } from "../core/address.js";
import { DomainError } from "../core/errors.js";
import type { IceServer } from "../core/ice-server.js";
import type { AddressKey, MatchId, SessionId } from "../core/ids.js";
import type { Clock } from "../ports/clock.js";
import type { Partners } from "../ports/partners.js";
import type { Quotas } from "../ports/quotas.js";
import type { TurnCredentials } from "../ports/turn-credentials.js";
import type { Bans } from "./bans.js";
import { type Caller, refuseUnknown, sessionOf } from "./caller.js";

export interface IceSettings {
  stunUrls: readonly string[];
  /** Whether there are TURN servers. */
  relayAvailable: boolean;
  /** Whether every call is relayed, whatever its preferences. */
  relayAlways: boolean;
  /** How many credentials a network may request in an hour, beside those that come with matches. */
  credentialsPerHour: number;
}

const HOUR_MS = 3_600_000;
/** Belongs to no session: only the session itself is looked up. */
const NO_MATCH = "" as MatchId;

interface RelayCredentialsDependencies {
  lobby: Pick<Partners, "partner">;
  quotas: Quotas;
  bans: Bans;
  clock: Clock;
  credentials: TurnCredentials;
  settings: IceSettings;
}

/** Issues relay credentials to sessions that begin, prepare, repair or rejoin a call. */
export class RelayCredentials {
  constructor(private readonly deps: RelayCredentialsDependencies) {}

  /** @throws DomainError `banned`, `limit_reached`, `session_unknown` */
  async iceServers(caller: Caller): Promise<readonly IceServer[]> {
    const { lobby, bans, clock, settings } = this.deps;
    const sessionId = sessionOf(caller);
    const network = bans.networkOf(caller.host);
    bans.refuse(caller);
    const nowMs = clock.nowMs();
    const { state } = await lobby.partner({ sessionId, matchId: NO_MATCH, nowMs });
    if (state === "unknown") refuseUnknown();
    if (settings.relayAvailable) await this.#count([...bans.hostKeys(caller.host), ...network.levels], nowMs);
    // The person, the browser or the network may have been banned meanwhile.
    bans.refuse(caller);
    return this.#servers(sessionId);
  }

  /** Returns the servers for a match, which no budget counts; none for a caller that was banned meanwhile. */
  forMatch(caller: Caller & { sessionId: SessionId }): readonly IceServer[] {
    return this.deps.bans.isBanned(caller) ? [] : this.#servers(caller.sessionId);
  }

  #servers(sessionId: SessionId): readonly IceServer[] {
    const { credentials, clock, settings } = this.deps;
    return [...stunServers(settings), ...credentials.issue(sessionId, clock.nowMs())];
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
