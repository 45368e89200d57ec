import { DomainError } from "../core/errors.js";
import type { MatchId, TicketId } from "../core/ids.js";
import { checkOffer, type Description } from "../core/signal.js";
import { issueTicket, type Wish } from "../core/ticket.js";
import type { Random } from "../ports/random.js";
import type { Clock } from "../ports/clock.js";
import type { Lobby } from "../ports/lobby.js";
import type { Bans } from "./bans.js";
import { type Caller, refuseUnknown, sessionOf } from "./caller.js";
import type { IceSettings } from "./ice.js";

export interface MatchingSettings {
  /** After how many milliseconds of waiting anyone will do. */
  widenAfterMs: number;
  ice: IceSettings;
}

export interface MatchCommand extends Wish {
  offer: Description | undefined;
  leaveMatchId: MatchId | undefined;
}

/** Finds partners and lets go of them. */
export class Matching {
  constructor(
    private readonly parts: { lobby: Lobby; bans: Bans; clock: Clock; chance: Random; settings: MatchingSettings },
  ) {}

  /** @throws DomainError `banned`, `field_invalid`, `relay_unavailable`, `session_unknown` */
  async match(caller: Caller, { preferences, rematch, offer, leaveMatchId }: MatchCommand): Promise<void> {
    const { lobby, bans, clock, chance, settings } = this.parts;
    const sessionId = sessionOf(caller);
    bans.refuse(bans.networkOf(caller.host));
    if (offer !== undefined) checkOffer(offer);
    if (preferences.relayOnly && settings.ice.turnUrls.length === 0) {
      throw new DomainError("relay_unavailable", "this server has no relay: ask without preferences.relay_only");
    }
    const relayOnly = preferences.relayOnly || settings.ice.relayAlways;
    const wish = { preferences: { ...preferences, relayOnly }, rematch };
    const nowMs = clock.nowMs();
    const ticket = issueTicket(chance.id() as TicketId, sessionId, wish, nowMs, settings.widenAfterMs);
    const pairing = await lobby.match({ ticket, offer, leaveMatchId, nowMs });
    if (pairing.state === "unknown") refuseUnknown();
  }

  /** @throws DomainError `session_unknown` */
  async leave(caller: Caller): Promise<void> {
    const left = await this.parts.lobby.leave({ sessionId: sessionOf(caller), nowMs: this.parts.clock.nowMs() });
    if (left.state === "unknown") refuseUnknown();
  }
}
