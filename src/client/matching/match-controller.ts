import { durationMs } from "@bufbuild/protobuf/wkt";
import {
  MatchEnded_Reason,
  type InMatch,
  type Matched,
  type MatchEnded,
  type PartnerAway,
  type SignalReceived,
  type Snapshot,
  type Waiting,
  type Welcome,
} from "../gen/satoshigle/v1/event_pb.js";
import { IceTransportPolicy } from "../gen/satoshigle/v1/signal_pb.js";
import type { SignalResponse } from "../gen/satoshigle/v1/signaling_pb.js";
import { Call } from "../call/call.js";
import type { PeerSource } from "../call/peer-source.js";
import type { PreparedOffers } from "../call/prepared-offers.js";
import type { SendLimits } from "../call/signal-sender.js";
import type { Api } from "../connection/api.js";
import { toSatoshigleError } from "../connection/error-mapping.js";
import type { SessionLink } from "../connection/retry.js";
import type { Session } from "../connection/session.js";
import { noPartnerError, SatoshigleError } from "../errors.js";
import type { StateStore } from "../state-store.js";
import type { Activity, EndReason, PartnerPresence, Preferences, ReportReason } from "../types.js";
import {
  fromPreferences,
  fromReportReason,
  type MatchInfo,
  newMatch,
  newWait,
  toEndReason,
  toPresence,
  toWaiting,
} from "./codec.js";
import { CommandQueue } from "./command-queue.js";
import { OfferStatus } from "./offer-status.js";

export interface MatchControllerDependencies {
  store: StateStore;
  api: Api;
  session: Session;
  link: SessionLink;
  peerSource: PeerSource;
  preparedOffers: PreparedOffers;
  rematch: boolean;
}

/**
 * Looks for partners and runs the call with the current one. The state follows what the person wants at once, and what
 * the server does event by event.
 */
export class MatchController {
  readonly #dependencies: MatchControllerDependencies;
  readonly #commands: CommandQueue;
  readonly #offerStatus = new OfferStatus();
  #call: Call | undefined;
  #sendLimits: SendLimits = { maxSignals: 64, maxBytes: 32_768 };
  /** What this session is doing according to the server. */
  #serverPhase: Activity["phase"] = "idle";
  /** The match that this side has left, until the server is known to have ended it. */
  #leftMatchId: string | undefined;
  /** Preferences changed during a match, so the server returns this side to the queue with the old ones. */
  #preferencesChanged = false;
  /** The calls of `Match` that have not been answered yet, and whether one of them led to `Waiting`. */
  #openMatchCalls = 0;
  #waitedMeanwhile = false;
  /** Calls are prepared before the person wants a partner. */
  #prepares = false;

  constructor(dependencies: MatchControllerDependencies) {
    const { session, link, preparedOffers } = dependencies;
    this.#dependencies = dependencies;
    this.#commands = new CommandQueue(link);
    preparedOffers.relayRequested = session.preferences.relayOnly ?? false;
  }

  /** The call of the current match. */
  get call(): Call | undefined {
    return this.#call;
  }

  start(preferences?: Preferences): Promise<void> {
    const { store, session, preparedOffers } = this.#dependencies;
    session.want(true, preferences ?? session.preferences);
    preparedOffers.relayRequested = session.preferences.relayOnly ?? false;
    if (!store.match) return this.#seek();
    this.#preferencesChanged = true;
    return Promise.resolve();
  }

  next(): Promise<void> {
    this.#dependencies.session.want(true);
    this.#leaveMatch(true);
    return this.#seek();
  }

  stop(): Promise<void> {
    const { store, session, api, preparedOffers } = this.#dependencies;
    session.want(false);
    preparedOffers.release();
    this.#leaveMatch(false);
    store.setActivity({ phase: "idle" });
    return this.#commands.submit("leave", () => api.leave());
  }

  async report(reason: ReportReason, comment: string, matchId: string | undefined): Promise<void> {
    const { store, api } = this.#dependencies;
    const id = matchId ?? store.match?.matchId;
    if (id === undefined) throw noPartnerError("report");
    await this.#commands.submit("report", () => api.report({ matchId: id, reason: fromReportReason(reason), comment }));
    // An event ends the match; the partner's video must not stay until then.
    if (store.match?.matchId !== id) return;
    this.#closeCall();
    store.setPartnerStream(null);
  }

  close(): void {
    this.#finish("left", false);
    this.#dependencies.store.setActivity({ phase: "idle" });
  }

  /** The connection to the server opened or broke. */
  connectionChanged(): void {
    this.#call?.reachabilityChanged();
  }

  /** The stream ended for good. */
  streamStopped(error: SatoshigleError): void {
    const { store, session, preparedOffers } = this.#dependencies;
    const { wanted } = session;
    this.#finish(error.code === "banned" ? "banned" : "left", false);
    store.setActivity({ phase: "idle" });
    preparedOffers.discard();
    // A session that another tab took over continues there, so the intent stays stored.
    session.want(error.code === "replaced" && wanted);
    store.events.emit("error", error);
  }

  /** Adopts what a new stream begins with. `fresh`: events were skipped, so the snapshot must be applied. */
  welcome(welcome: Welcome, fresh: boolean): void {
    const { store, session, peerSource, preparedOffers } = this.#dependencies;
    const isNewSession = welcome.sessionId !== session.id;
    session.adopt(welcome.sessionId, welcome.token);
    store.setMatching(welcome);
    peerSource.bindMode(store.state, session.preferences);
    peerSource.ice.welcome(welcome.iceServers, welcome.relayAvailable);
    preparedOffers.relayRequired = welcome.iceTransportPolicy === IceTransportPolicy.RELAY;
    if (welcome.limits) {
      peerSource.limits.relayBps = welcome.limits.relayMaxBitrateKbps * 1_000 || Infinity;
      peerSource.maxDescriptionBytes = welcome.limits.maxDescriptionBytes;
      this.#sendLimits = { maxSignals: welcome.limits.maxSignalsPerSend, maxBytes: welcome.limits.maxMessageBytes };
    }
    if (fresh) {
      this.#offerStatus.doubt();
      if (isNewSession) this.#sessionReplaced();
      this.#applySnapshot(welcome.snapshot?.state ?? { case: undefined });
    }
    if (peerSource.media || session.wanted || this.#prepares) void preparedOffers.prepare();
  }

  /** Prepares calls from the first connection on, not only once the person wants a partner. */
  prepareCalls(): void {
    this.#prepares = true;
    const { store, preparedOffers } = this.#dependencies;
    if (store.state.connection.status === "online") void preparedOffers.prepare();
  }

  /** Applies an event. A newer server may send events that this client does not know. */
  handleEvent(event: SignalResponse["event"]): void {
    if (event.case === "waiting") this.#waiting(event.value);
    else if (event.case === "matched") this.#matched(event.value);
    else if (event.case === "signalReceived") this.#signalReceived(event.value);
    else if (event.case === "partnerAway") this.#partnerAway(event.value);
    else if (event.case === "partnerBack") this.#setPartner(event.value.matchId, { status: "present" });
    else if (event.case === "matchEnded") this.#matchEnded(event.value);
  }

  #waiting(waiting: Waiting): void {
    this.#serverPhase = "waiting";
    this.#preferencesChanged = false;
    this.#offerStatus.waited();
    this.#dependencies.preparedOffers.release();
    this.#waitedMeanwhile = true;
    this.#expectOffer();
    this.#showWait(waiting);
  }

  #matched(matched: Matched): void {
    const { matchId, offer } = matched;
    const delivered = this.#offerStatus.matched();
    this.#serverPhase = "matched";
    this.#dependencies.preparedOffers.release();
    if (this.#isUnwanted()) {
      this.#leave(matchId);
      return;
    }
    this.#beginMatch({ ...matched, partnerPresent: true, clientSequence: 0 }).begin(offer, delivered);
  }

  #signalReceived({ matchId, signals }: SignalReceived): void {
    if (this.#isCurrent(matchId)) this.#call?.negotiation.receive(signals);
  }

  #partnerAway({ matchId, timeLeft }: PartnerAway): void {
    this.#setPartner(matchId, { status: "away", deadlineMs: Date.now() + (timeLeft ? durationMs(timeLeft) : 0) });
  }

  #matchEnded(ended: MatchEnded): void {
    const { matchId, requeued, reason } = ended;
    const { wanted } = this.#dependencies.session;
    const leftByThisSide = reason === MatchEnded_Reason.LEFT;
    this.#offerStatus.ended(matchId, leftByThisSide);
    this.#serverPhase = requeued ? "waiting" : "idle";
    if (this.#leftMatchId === matchId) this.#leftMatchId = undefined;
    // After leaving, the command for what the person wants instead is already on its way.
    if (this.#isCurrent(matchId)) this.#finish(toEndReason(ended), requeued || (leftByThisSide && wanted));
    if (requeued && this.#preferencesChanged && wanted) this.#requestMatchAgain();
  }

  /** The previous session is over, and the server has lost its state. */
  #sessionReplaced(): void {
    const { store, session } = this.#dependencies;
    this.#serverPhase = "idle";
    this.#leftMatchId = undefined;
    const { phase } = store.state.activity;
    if (store.match?.signaled) {
      if (this.#call && this.#call.status !== "connecting") this.#call.detach();
      else this.#callLost();
    } else if (phase === "waiting" && !this.#commands.pending("match")) {
      this.#requestMatchAgain();
    } else if (phase === "idle") {
      // Intent from before a reload ends with the session: nobody is put on camera without pressing start.
      session.want(false);
    }
  }

  #applySnapshot(state: Snapshot["state"]): void {
    if (state.case === "inMatch") this.#resumeMatch(state.value);
    else if (state.case === "waiting") this.#resumeWait(state.value);
    else this.#resumeIdle();
  }

  #resumeIdle(): void {
    const { store, session } = this.#dependencies;
    this.#serverPhase = "idle";
    this.#leftMatchId = undefined;
    // The event with the reason was skipped; most matches end because the partner leaves.
    if (store.match?.signaled) this.#finish("partner_left", false);
    if (store.state.activity.phase !== "waiting" || this.#commands.pending("match")) return;
    session.want(false);
    store.setActivity({ phase: "idle" });
  }

  #resumeWait(waiting: Waiting): void {
    this.#serverPhase = "waiting";
    this.#waitedMeanwhile = true;
    this.#expectOffer();
    this.#leftMatchId = undefined;
    if (this.#dependencies.store.match?.signaled) this.#finish("partner_left", true);
    this.#showWait(waiting);
  }

  #resumeMatch(inMatch: InMatch): void {
    const { store } = this.#dependencies;
    const { matchId, partnerPresent, clientSequence } = inMatch;
    this.#serverPhase = "matched";
    if (this.#isUnwanted()) {
      this.#leave(matchId);
      return;
    }
    // This side has left it, and the command is on its way.
    if (this.#leftMatchId === matchId) return;
    this.#leftMatchId = undefined;
    if (this.#isCurrent(matchId) && store.match?.signaled) {
      this.#setPartner(matchId, toPresence(partnerPresent, Date.now()));
      this.#call?.resync(clientSequence);
      return;
    }
    this.#beginMatch({ ...inMatch, iceServers: [] }).negotiation.startOver();
  }

  #beginMatch(match: MatchInfo): Call {
    const { store, peerSource, session } = this.#dependencies;
    const { matchId, role, sharedInterests, clientSequence, iceServers } = match;
    if (store.match) this.#finish(store.match.signaled ? "partner_left" : "call_lost", true);
    peerSource.ice.update(iceServers);
    peerSource.bindMode(store.state, session.preferences, match.ownMode);
    const relayOnly = match.iceTransportPolicy === IceTransportPolicy.RELAY;
    const settings = { matchId, role, relayOnly, clientSequence, limits: this.#sendLimits };
    store.matchFields = match.$unknown;
    this.#closeCall();
    const call = (this.#call = new Call(settings, { ...this.#dependencies, onLost: () => this.#callLost() }));
    const activity = newMatch(match, relayOnly, peerSource.mode, Date.now());
    store.setActivity(activity);
    store.events.emit("matched", { matchId, sharedInterests, profile: activity.profile });
    call.reachabilityChanged();
    return call;
  }

  /** Leaves the match, if there is one. */
  #leaveMatch(requeued: boolean): void {
    const { match } = this.#dependencies.store;
    if (match?.signaled) this.#leftMatchId = match.matchId;
    this.#finish("left", requeued);
  }

  /** The match is over for this side. */
  #finish(reason: EndReason, requeued: boolean): void {
    const { store, session, preparedOffers } = this.#dependencies;
    const { match } = store;
    if (!match) return;
    this.#closeCall();
    if (!requeued) session.want(false);
    store.setActivity(requeued ? newWait(Date.now()) : { phase: "idle" });
    store.setPartnerStream(null);
    store.events.emit("ended", { matchId: match.matchId, reason, requeued });
    if (requeued) void preparedOffers.prepare();
  }

  #closeCall(): void {
    this.#call?.close();
    this.#call = undefined;
  }

  /** The call ended without the server, so this side does what the server would have done. */
  #callLost(): void {
    const { rematch, session } = this.#dependencies;
    const requeued = rematch && session.wanted;
    this.#finish("call_lost", requeued);
    if (requeued) this.#requestMatchAgain();
  }

  /** Looks for a partner because the person wants one. */
  #seek(): Promise<void> {
    const { store } = this.#dependencies;
    if (store.state.activity.phase === "idle") store.setActivity(newWait(Date.now()));
    return this.#requestMatch();
  }

  #requestMatch(): Promise<void> {
    return this.#commands
      .submit("match", () => this.#sendMatch())
      .catch((error: unknown) => {
        this.#matchRefused();
        throw error;
      });
  }

  /** Requests a match without a command of the person, so an error is emitted. */
  #requestMatchAgain(): void {
    const { events } = this.#dependencies.store;
    this.#requestMatch().catch((error: unknown) => events.emit("error", toSatoshigleError(error)));
  }

  async #sendMatch(): Promise<void> {
    const { store, api, session, peerSource, preparedOffers, rematch } = this.#dependencies;
    peerSource.bindMode(store.state, session.preferences);
    const peer = store.match ? undefined : await preparedOffers.reserve();
    const leaveMatchId = this.#leftMatchId ?? "";
    if (peer) this.#offerStatus.sent(leaveMatchId, this.#serverPhase === "waiting");
    const wish = fromPreferences(session.preferences);
    // A waiting side may be matched with the old preferences first.
    this.#preferencesChanged = this.#serverPhase === "waiting";
    this.#openMatchCalls++;
    this.#waitedMeanwhile = false;
    try {
      await api.match({ ...wish, rematch, leaveMatchId, ...(peer && { offer: peer.publish() }) });
    } finally {
      this.#openMatchCalls--;
      this.#expectOffer();
    }
  }

  /** Once nobody can receive this side's offer any more, the next partner brings one. */
  #expectOffer(): void {
    if (this.#openMatchCalls > 0 || !this.#waitedMeanwhile || this.#serverPhase !== "waiting") return;
    this.#waitedMeanwhile = false;
    this.#dependencies.preparedOffers.expectOffer();
  }

  #matchRefused(): void {
    const { store, session, preparedOffers } = this.#dependencies;
    preparedOffers.release();
    this.#offerStatus.waited();
    this.#preferencesChanged = false;
    if (store.match || this.#commands.pending("match")) return;
    if (this.#leftMatchId === undefined && this.#serverPhase === "waiting") return;
    session.want(false);
    store.setActivity({ phase: "idle" });
    if (this.#serverPhase !== "idle") this.#leave();
  }

  /** Leaves what the server does for this session although the person no longer wants it. */
  #leave(matchId = this.#leftMatchId): void {
    this.#leftMatchId = matchId;
    if (this.#commands.pending("leave")) return;
    // If it fails, the next snapshot shows it.
    this.#commands.submit("leave", () => this.#dependencies.api.leave()).catch(() => undefined);
  }

  #showWait(waiting: Waiting): void {
    const { store, session } = this.#dependencies;
    if (this.#isUnwanted()) this.#leave();
    else if (!store.match) store.setActivity(toWaiting(waiting, Date.now(), session.clockOffsetMs));
  }

  #setPartner(matchId: string, partner: PartnerPresence): void {
    if (!this.#isCurrent(matchId)) return;
    this.#dependencies.store.updateMatch({ partner });
    this.#call?.reachabilityChanged();
  }

  #isCurrent(matchId: string): boolean {
    return this.#dependencies.store.match?.matchId === matchId;
  }

  /** Whether the person pressed stop. */
  #isUnwanted(): boolean {
    return !this.#dependencies.session.wanted || this.#commands.pending("leave");
  }
}
