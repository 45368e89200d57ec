import { DomainError } from "../core/errors.js";
import type { MatchId } from "../core/ids.js";
import { checkSignals, descriptionsIn, type EncodedSignals, type Signal } from "../core/signal.js";
import type { Clock } from "../ports/clock.js";
import type { Lobby } from "../ports/lobby.js";
import type { Meter } from "../ports/meter.js";
import { type Caller, refuseUnknown, sessionOf } from "./caller.js";

export interface SendCommand {
  matchId: MatchId;
  clientSequence: number;
  signals: readonly Signal[];
  /** The same signals, as the partner gets them. */
  sealed: EncodedSignals;
}

/** Relays signals between partners. */
export class Signaling {
  constructor(private readonly parts: { lobby: Lobby; clock: Clock; meter: Meter }) {}

  /** @throws DomainError `field_invalid`, `match_over`, `sequence_gap`, `session_unknown` */
  async send(caller: Caller, { matchId, clientSequence, signals, sealed }: SendCommand): Promise<void> {
    const sessionId = sessionOf(caller);
    checkSignals(signals);
    const nowMs = this.parts.clock.nowMs();
    const descriptions = descriptionsIn(signals);
    const post = { sessionId, matchId, clientSequence, signals: sealed, descriptions, nowMs };
    const relayed = await this.parts.lobby.relay(post);
    switch (relayed.state) {
      case "relayed":
        this.parts.meter.relayed(signals.length);
        return;
      case "repeated":
        return;
      case "over":
        throw new DomainError("match_over", "this match is over, or not yours; nothing was sent");
      case "gap":
        throw new DomainError("sequence_gap", `client_sequence: must be ${String(relayed.expected)}, the next one`, {
          field: "client_sequence",
        });
      case "unknown":
        refuseUnknown();
    }
  }
}
