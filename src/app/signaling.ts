import { DomainError } from "../core/errors.js";
import type { MatchId } from "../core/ids.js";
import { checkSignals, type Signal } from "../core/signal.js";
import type { Clock } from "../ports/clock.js";
import type { Lobby } from "../ports/lobby.js";
import { type Caller, refuseUnknown, sessionOf } from "./caller.js";

export interface SendCommand {
  matchId: MatchId;
  clientSequence: number;
  signals: readonly Signal[];
}

/** Relays signals between partners. */
export class Signaling {
  constructor(private readonly parts: { lobby: Lobby; clock: Clock }) {}

  /** @throws DomainError `field_invalid`, `match_over`, `sequence_gap`, `session_unknown` */
  async send(caller: Caller, { matchId, clientSequence, signals }: SendCommand): Promise<void> {
    const sessionId = sessionOf(caller);
    checkSignals(signals);
    const nowMs = this.parts.clock.nowMs();
    const relayed = await this.parts.lobby.relay({ sessionId, matchId, clientSequence, signals, nowMs });
    switch (relayed.state) {
      case "relayed":
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
