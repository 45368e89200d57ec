import type { InMatch, Snapshot, Waiting, Welcome } from "../gen/satoshigle/v1/event_pb.js";
import { IceTransportPolicy } from "../gen/satoshigle/v1/signal_pb.js";
import type { MatchControllerDependencies, MatchController } from "./match-controller.js";
import type { PeerSource } from "../call/peer-source.js";
import { toWaiting } from "../connection/codec.js";

interface Parts extends MatchControllerDependencies {
  source: PeerSource;
}

/** Begins a stream: brings this side in line with where the server says that things stand. */
export class Resuming {
  readonly #parts: Parts;
  readonly #matching: MatchController;

  constructor(parts: Parts, matching: MatchController) {
    this.#parts = parts;
    this.#matching = matching;
  }

  /** `fresh`: events were skipped, so the snapshot counts. */
  welcome(welcome: Welcome, fresh: boolean): void {
    const { session, source, preparation } = this.#parts;
    const isNew = welcome.sessionId !== session.id;
    session.adopt(welcome.sessionId, welcome.token);
    source.ice.welcome(welcome.iceServers, welcome.relayAvailable);
    preparation.relayAlways = welcome.iceTransportPolicy === IceTransportPolicy.RELAY;
    this.#setLimits(welcome.limits);
    if (fresh) {
      this.#matching.delivery.doubt();
      if (isNew) this.#newSession();
      this.#adopt(welcome.snapshot?.state ?? { case: undefined });
    }
    if (source.media || session.wanted) void preparation.warm();
  }

  #setLimits(limits: Welcome["limits"]): void {
    if (!limits) return;
    const { source, calls } = this.#parts;
    source.maxDescriptionBytes = limits.maxDescriptionBytes;
    calls.limits = { maxSignals: limits.maxSignalsPerSend, maxBytes: limits.maxMessageBytes };
  }

  /** The session before is gone, and with it what the server knew. */
  #newSession(): void {
    const { view, session, calls, commands } = this.#parts;
    const matching = this.#matching;
    matching.serverPhase = "idle";
    matching.leftMatchId = undefined;
    const { phase } = view.state.activity;
    if (view.match?.signaled) {
      if (calls.established) calls.detach();
      else matching.lost();
    } else if (phase === "waiting" && !commands.pending("match")) {
      matching.lookAgain();
    } else if (phase === "idle") {
      // A wish from before a reload ends with the session: nobody is put on camera without pressing start.
      session.want(false);
    }
  }

  #adopt(state: Snapshot["state"]): void {
    if (state.case === "inMatch") this.#inMatch(state.value);
    else if (state.case === "waiting") this.#waiting(state.value);
    else this.#idle();
  }

  #idle(): void {
    const { view, session, commands } = this.#parts;
    const matching = this.#matching;
    matching.serverPhase = "idle";
    matching.leftMatchId = undefined;
    // How it ended was in the events that were skipped; most matches end because the partner goes.
    if (view.match?.signaled) matching.finish("partner_left", false);
    if (view.state.activity.phase !== "waiting" || commands.pending("match")) return;
    session.want(false);
    view.setActivity({ phase: "idle" });
  }

  #waiting(waiting: Waiting): void {
    const { view } = this.#parts;
    const matching = this.#matching;
    matching.serverPhase = "waiting";
    matching.leftMatchId = undefined;
    if (view.match?.signaled) matching.finish("partner_left", true);
    if (matching.isUnwanted()) matching.settle();
    else if (!view.match) view.setActivity(toWaiting(waiting, Date.now()));
  }

  #inMatch(match: InMatch): void {
    const { view, calls } = this.#parts;
    const { matchId, partnerPresent, clientSequence } = match;
    const matching = this.#matching;
    matching.serverPhase = "matched";
    if (matching.isUnwanted()) {
      matching.leftMatchId = matchId;
      matching.settle();
      return;
    }
    // Left on this side; the command that says so is on its way.
    if (matching.leftMatchId === matchId) return;
    matching.leftMatchId = undefined;
    if (view.match?.matchId === matchId && view.match.signaled) {
      calls.resync(clientSequence, partnerPresent);
      return;
    }
    if (view.match) matching.finish(view.match.signaled ? "partner_left" : "call_lost", true);
    const { role, sharedInterests, iceTransportPolicy } = match;
    const terms = { role, sharedInterests, iceTransportPolicy, iceServers: [] };
    calls.rejoin({ matchId, partnerPresent, clientSequence, ...terms });
  }
}
