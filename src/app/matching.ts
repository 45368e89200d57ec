import { DomainError } from "../core/errors.js";
import type { MatchId, TicketId } from "../core/ids.js";
import type { MatchingSchema } from "../core/matching-schema.js";
import { checkMode } from "../core/sdp-media.js";
import { checkPrice } from "../core/price.js";
import { checkOffer, type Description } from "../core/signal.js";
import { isRestricted } from "../core/standing.js";
import { issueTicket, type MatchPreferences, modeOf } from "../core/ticket.js";
import type { Random } from "../ports/random.js";
import type { Clock } from "../ports/clock.js";
import type { Lobby } from "../ports/lobby.js";
import type { Bans } from "./bans.js";
import type { Deposits } from "./deposits.js";
import { type Caller, refuseUnknown, sessionOf } from "./caller.js";
import type { Enforcement } from "./enforcement.js";
import type { IceSettings } from "./ice.js";

export interface MatchingSettings {
  schema: MatchingSchema;
  /** Whether a side may only negotiate what its mode allows. */
  isModeBinding: boolean;
  ice: IceSettings;
  /** Whether tips are on, so that a minute can have a price. */
  hasTips: boolean;
}

export interface MatchCommand extends MatchPreferences {
  offer: Description | undefined;
  leaveMatchId: MatchId | undefined;
}

interface MatchingDependencies {
  lobby: Pick<Lobby, "match" | "leave">;
  bans: Bans;
  enforcement: Pick<Enforcement, "standingOf" | "refuse">;
  /** Undefined on a server without deposits. */
  deposits: Pick<Deposits, "admit" | "left"> | undefined;
  clock: Clock;
  random: Random;
  settings: MatchingSettings;
}

/** Starts and ends matches. */
export class Matching {
  constructor(private readonly deps: MatchingDependencies) {}

  /**
   * @throws DomainError `banned`, `field_invalid`, `relay_unavailable`, `session_unknown`, `tips_off`, `restricted`,
   * `deposit_required`
   */
  async match(caller: Caller, command: MatchCommand): Promise<void> {
    const { lobby, bans, enforcement, deposits, clock, random, settings } = this.deps;
    const { preferences, offer, leaveMatchId } = command;
    const sessionId = sessionOf(caller);
    bans.refuse(caller);
    if (offer !== undefined) checkOffer(offer);
    if (preferences.relayOnly && !settings.ice.relayAvailable) {
      const field = "preferences.relay_only";
      throw new DomainError("relay_unavailable", `this server has no relay; leave ${field} unset`, { field });
    }
    const { priceMsat = 0 } = preferences;
    if (priceMsat !== 0 && !settings.hasTips) throw new DomainError("tips_off", "tips are disabled on this server");
    checkPrice(priceMsat);
    if (priceMsat !== 0) enforcement.refuse(caller, "no_tips");
    const relayOnly = preferences.relayOnly || settings.ice.relayAlways;
    const effective = { ...command, preferences: { ...preferences, relayOnly } };
    const nowMs = clock.nowMs();
    const standing = enforcement.standingOf(caller);
    const ticket = issueTicket(random.id() as TicketId, sessionId, effective, nowMs, settings.schema, {
      standing,
      country: caller.country?.(),
    });
    const isModeBinding = settings.isModeBinding || isRestricted(standing, "text_only");
    if (offer !== undefined && isModeBinding) checkMode(offer, modeOf(ticket) ?? "video", "offer");
    if (deposits !== undefined) await deposits.admit(caller); // last: nobody pays to learn of a mistake
    const pairing = await lobby.match({ ticket, offer, leaveMatchId, nowMs });
    if (pairing.state === "unknown") refuseUnknown();
  }

  /** @throws DomainError `session_unknown` */
  async leave(caller: Caller): Promise<void> {
    const { lobby, deposits, clock } = this.deps;
    const sessionId = sessionOf(caller);
    const { state } = await lobby.leave({ sessionId, nowMs: clock.nowMs() });
    if (state === "unknown") refuseUnknown();
    await deposits?.left(sessionId);
  }
}
