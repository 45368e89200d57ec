import { DomainError } from "../core/errors.js";
import type { MatchId } from "../core/ids.js";
import { checkSignals, descriptionsIn, type EncodedSignals, type Signal } from "../core/signal.js";
import type { Clock } from "../ports/clock.js";
import type { Lobby } from "../ports/lobby.js";
import type { MatchMeter } from "../ports/meter.js";
import { type Caller, refuseUnknown, sessionOf } from "./caller.js";

export interface SendCommand {
  matchId: MatchId;
  clientSequence: number;
  signals: readonly Signal[];
  /** The same signals as they are delivered to the partner. */
  encoded: EncodedSignals;
}

interface SignalingDependencies {
  lobby: Pick<Lobby, "relay">;
  clock: Clock;
  meter: MatchMeter;
}

/** Relays signals between partners. */
export class Signaling {
  constructor(private readonly deps: SignalingDependencies) {}

  /** @throws DomainError `field_invalid`, `match_over`, `sequence_gap`, `session_unknown` */
  async send(caller: Caller, { matchId, clientSequence, signals, encoded }: SendCommand): Promise<void> {
    const { lobby, clock, meter } = this.deps;
    const sessionId = sessionOf(caller);
    checkSignals(signals);
    const nowMs = clock.nowMs();
    const descriptions = descriptionsIn(signals);
    const relayed = await lobby.relay({ sessionId, matchId, clientSequence, signals: encoded, descriptions, nowMs });
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
      case "unknown":
        refuseUnknown();
    }
  }
}
