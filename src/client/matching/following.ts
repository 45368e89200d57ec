import { MatchEnded_Reason, type Matched, type MatchEnded, type Waiting } from "../gen/satoshigle/v1/event_pb.js";
import type { SignalResponse } from "../gen/satoshigle/v1/signaling_pb.js";
import type { SatoshigleError } from "../errors.js";
import type { MatchControllerDependencies, MatchController } from "./match-controller.js";
import { durationMs, toEndReason, toWaiting } from "../connection/codec.js";

/** Follows the server event by event: applies them to the view, the call and what is known of the server. */
export class Following {
  readonly #parts: MatchControllerDependencies;
  readonly #matching: MatchController;

  constructor(parts: MatchControllerDependencies, matching: MatchController) {
    this.#parts = parts;
    this.#matching = matching;
  }

  event(event: SignalResponse["event"]): void {
    switch (event.case) {
      case "waiting": {
        this.#waiting(event.value);
        return;
      }
      case "matched": {
        this.#matched(event.value);
        return;
      }
      case "signalReceived": {
        this.#parts.calls.receive(event.value.matchId, event.value.signals);
        return;
      }
      case "partnerAway": {
        const leftMs = event.value.timeLeft ? durationMs(event.value.timeLeft) : 0;
        if (!this.#isCurrent(event.value.matchId)) return;
        this.#parts.calls.setPartner({ status: "away", deadlineMs: Date.now() + leftMs });
        return;
      }
      case "partnerBack":
        if (this.#isCurrent(event.value.matchId)) this.#parts.calls.setPartner({ status: "present" });
        return;
      case "matchEnded": {
        this.#ended(event.value);
        return;
      }
      default:
        // An event that a newer server sends and this client does not know.
        return;
    }
  }

  /** The stream does not come back by itself. */
  stopped(error: SatoshigleError): void {
    const { view, session, preparation } = this.#parts;
    const { wanted } = session;
    const reason = error.code === "banned" ? "banned" : "left";
    this.#matching.finish(reason, false);
    view.setActivity({ phase: "idle" });
    preparation.discard();
    // Taken over by another tab, the session goes on: whoever takes it back finds it as it is then.
    session.want(error.code === "replaced" && wanted);
    view.events.emit("error", error);
  }

  #isCurrent(matchId: string): boolean {
    return this.#parts.view.match?.matchId === matchId;
  }

  #waiting(waiting: Waiting): void {
    const { view, preparation } = this.#parts;
    const matching = this.#matching;
    matching.serverPhase = "waiting";
    matching.delivery.waited();
    preparation.release();
    if (matching.isUnwanted()) matching.settle();
    else if (!view.match) view.setActivity(toWaiting(waiting, Date.now()));
  }

  #matched(matched: Matched): void {
    const { view, calls, preparation } = this.#parts;
    const matching = this.#matching;
    const { matchId, role, sharedInterests, iceTransportPolicy, iceServers, offer } = matched;
    const delivered = matching.delivery.matched();
    matching.serverPhase = "matched";
    preparation.release();
    if (matching.isUnwanted()) {
      matching.leftMatchId = matchId;
      matching.settle();
      return;
    }
    if (view.match) matching.finish(view.match.signaled ? "partner_left" : "call_lost", true);
    const fresh = { partnerPresent: true, clientSequence: 0 };
    calls.begin({ matchId, role, sharedInterests, iceTransportPolicy, iceServers, ...fresh }, offer, delivered);
  }

  #ended(ended: MatchEnded): void {
    const matching = this.#matching;
    const { matchId, requeued, reason } = ended;
    matching.delivery.ended(matchId, reason === MatchEnded_Reason.LEFT);
    matching.serverPhase = requeued ? "waiting" : "idle";
    if (matching.leftMatchId === matchId) matching.leftMatchId = undefined;
    const { wanted } = this.#parts.session;
    // One that this side has left already needs nothing more: what the person wanted instead is on its way.
    const again = requeued || (reason === MatchEnded_Reason.LEFT && wanted);
    if (this.#isCurrent(matchId)) matching.finish(toEndReason(ended), again);
    if (requeued && matching.preferencesChanged && wanted) matching.lookAgain();
  }
}
