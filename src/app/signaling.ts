import { DomainError } from "../core/errors.js";
import type { MatchId } from "../core/ids.js";
import type { Descriptions } from "../core/match.js";
import type { Mode } from "../core/matching-schema.js";
import { checkModes, modeNeeded } from "../core/sdp-media.js";
import { checkSignals, descriptionsIn, type EncodedSignals, type Signal } from "../core/signal.js";
import { isRestricted } from "../core/standing.js";
import type { Clock } from "../ports/clock.js";
import type { Lobby } from "../ports/lobby.js";
import type { MatchMeter } from "../ports/meter.js";
import { type Caller, refuseUnknown, sessionOf } from "./caller.js";
import type { Enforcement } from "./enforcement.js";

export interface SendCommand {
  matchId: MatchId;
  clientSequence: number;
  signals: readonly Signal[];
  /** The same signals as they are delivered to the partner. */
  encoded: EncodedSignals;
}

interface SignalingDependencies {
  lobby: Pick<Lobby, "relay">;
  enforcement: Pick<Enforcement, "standingOf">;
  clock: Clock;
  meter: MatchMeter;
  /** Whether a side may only negotiate what its mode allows. */
  isModeBinding: boolean;
}

/** Relays signals between partners. */
export class Signaling {
  constructor(private readonly deps: SignalingDependencies) {}

  /** @throws DomainError `field_invalid`, `match_over`, `sequence_gap`, `session_unknown` */
  async send(caller: Caller, { matchId, clientSequence, signals, encoded }: SendCommand): Promise<void> {
    const { lobby, enforcement, clock, meter } = this.deps;
    const sessionId = sessionOf(caller);
    checkSignals(signals);
    if (isRestricted(enforcement.standingOf(caller), "text_only")) checkModes(signals, "text");
    const nowMs = clock.nowMs();
    const descriptions = descriptionsIn(signals);
    const mode = this.#modeNeeded(signals, descriptions);
    const post = { sessionId, matchId, clientSequence, signals: encoded, descriptions, mode, nowMs };
    const relayed = await lobby.relay(post);
    switch (relayed.state) {
      case "relayed":
        meter.relayed(signals.length);
        return;
      case "repeated":
        return;
      case "over":
        throw new DomainError("match_over", "this match is over or not yours; nothing was sent");
      case "gap":
        throw new DomainError("sequence_gap", `client_sequence: must be ${String(relayed.expected)}, the next one`, {
          field: "client_sequence",
        });
      case "refused":
        checkModes(signals, relayed.mode);
        return;
      case "unknown":
        refuseUnknown();
    }
  }

  /** Undefined where modes are not binding, and for most posts. */
  #modeNeeded(signals: readonly Signal[], { hasOffer, hasAnswer }: Descriptions): Mode | undefined {
    if (!this.deps.isModeBinding || !(hasOffer || hasAnswer)) return undefined;
    const needed = modeNeeded(signals);
    return needed === "text" ? undefined : needed;
  }
}
