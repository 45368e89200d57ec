import { Role, type Description } from "../gen/satoshigle/v1/signal_pb.js";
import type { Api } from "../connection/api.js";
import type { SessionLink } from "../connection/retry.js";
import { noPartnerError, SatoshigleError } from "../errors.js";
import type { StateStore } from "../state-store.js";
import type { CallStats, CallStatus } from "../types.js";
import { LazyInCall } from "./lazy-in-call.js";
import { IceRestart } from "./ice-restart.js";
import { Negotiation } from "./negotiation.js";
import type { Peer } from "./peer.js";
import type { PeerSource } from "./peer-source.js";
import type { PreparedOffers } from "./prepared-offers.js";
import { SignalSender, type SendLimits } from "./signal-sender.js";
import { descriptionSignal } from "./signals.js";
import type { StatsSample } from "./stats.js";

/** Without the server a call cannot be restored, so a broken one is lost after this time. */
const LOST_AFTER_MS = 10_000;
/** Media arrive more often than this. */
const SILENCE_MS = 500;
/** When the next call is prepared: the first frames of this one come first. */
const PREPARE_AFTER_MS = 1_500;

export interface CallSettings {
  matchId: string;
  role: Role;
  relayOnly: boolean;
  /** The highest number of this side's calls of `Send` that the server has accepted. */
  clientSequence: number;
  limits: SendLimits;
}

export interface CallDependencies {
  store: StateStore;
  api: Api;
  link: SessionLink;
  peerSource: PeerSource;
  preparedOffers: PreparedOffers;
  /** The call is over, and the server does not know the match any more. */
  onLost: () => void;
}

/** The call of one match: negotiates, monitors and restores it, and keeps the state store up to date. */
export class Call {
  readonly negotiation: Negotiation;
  readonly inCall: LazyInCall;
  readonly #settings: CallSettings;
  readonly #dependencies: CallDependencies;
  readonly #signalSender: SignalSender;
  readonly #iceRestart: IceRestart;
  #wasConnected = false;
  #wasOnline = true;
  #chatWasOpen = false;
  /** The last lines of text chat: this side's, the partner's, and the partner's that was seen. */
  #lastLine = 0;
  #partnerLine = 0;
  #seenLine = 0;
  #detached = false;
  #closed = false;
  #lostTimer: ReturnType<typeof setTimeout> | undefined;
  #prepareTimer: ReturnType<typeof setTimeout> | undefined;
  #statsSample: StatsSample | undefined;

  constructor(settings: CallSettings, dependencies: CallDependencies) {
    const { matchId, role, relayOnly, clientSequence, limits } = settings;
    const { store, api, link, peerSource } = dependencies;
    this.#settings = settings;
    this.#dependencies = dependencies;
    this.#signalSender = new SignalSender(matchId, clientSequence, api, link, limits);
    this.negotiation = new Negotiation({
      role,
      relayOnly,
      peerSource,
      takePrepared: () => this.#takePrepared(),
      send: (signal) => this.#signalSender.send(signal),
      reachable: () => this.#partnerReachable,
      handlers: {
        changed: () => this.#peerChanged(),
        partnerStream: (stream) => store.setPartnerStream(stream),
        message: (text, id) => this.#lineArrived(text, id),
        failed: (error) => this.#negotiationFailed(error),
      },
    });
    this.inCall = new LazyInCall({
      store,
      lastLine: () => this.#lastLine,
      seenLine: () => this.#seenLine,
      limits: peerSource.limits,
    });
    this.#iceRestart = new IceRestart(
      role === Role.OFFERER,
      (attempt) => this.negotiation.restart(attempt),
      () => this.#reportFailure("The browsers could not connect."),
    );
  }

  /** The current peer connection; a call may need several. */
  get peer(): Peer | undefined {
    return this.negotiation.peer;
  }

  get status(): CallStatus {
    if (this.peer?.state === "connected") return "connected";
    return this.#wasConnected ? "reconnecting" : "connecting";
  }

  /**
   * Begins with the partner's offer, with this side's prepared one, or by waiting for the partner's.
   * @param delivered whether the partner already has the prepared offer
   */
  begin(partnerOffer: Description | undefined, delivered: boolean): void {
    // A listener of `matched` may have left already.
    if (this.#closed) return;
    const { preparedOffers, peerSource } = this.#dependencies;
    this.negotiation.ignoreAnswersTo(preparedOffers.takeLostIds());
    if (partnerOffer) {
      this.negotiation.receive([descriptionSignal(partnerOffer)]);
      return;
    }
    if (this.#settings.role !== Role.OFFERER) return;
    const peer = preparedOffers.takeOffer();
    if (!peer) this.negotiation.startOver();
    else if (peer.mode !== peerSource.mode || (this.#settings.relayOnly && !peer.relayOnly))
      this.negotiation.replaceOffer(peer);
    else this.#adopt(peer, delivered);
  }

  /** The stream skipped events: signals may be lost, so a call that is not connected starts over. */
  resync(clientSequence: number): void {
    this.#signalSender.resync(clientSequence);
    if (this.status !== "connected" || this.peer?.offering) this.negotiation.startOver();
  }

  /** The connection to the server, or the partner's, changed. */
  reachabilityChanged(): void {
    if (this.#detached || this.#closed) return;
    this.#iceRestart.setReachable(this.#partnerReachable);
    const wasOnline = this.#wasOnline;
    this.#wasOnline = this.#dependencies.store.state.connection.status === "online";
    if (this.#wasOnline && !wasOnline) void this.#checkMedia().catch(() => undefined); // closed meanwhile
  }

  /** This side's network changed. */
  networkChanged(): void {
    if (!this.#detached && !this.#closed) this.#iceRestart.networkChanged();
  }

  /** The server lost the match: the call continues for as long as its peer connection lasts. */
  detach(): void {
    this.#dependencies.store.updateMatch({ signaled: false, partner: { status: "present" } });
    // A listener of `state` may have left.
    if (this.#closed) return;
    this.#detached = true;
    this.#stopSignaling();
    this.#checkDetached();
  }

  /** Sends a line of text chat. Throws if the channel is not open. */
  say(text: string): void {
    if (!this.peer?.chat.open) throw noPartnerError("send a message to");
    const id = ++this.#lastLine;
    this.peer.chat.say(text, id);
    this.inCall.current?.setTyping(false);
    this.#dependencies.store.events.emit("message", { from: "me", text, id, atMs: Date.now() });
  }

  markSeen(): void {
    this.#seenLine = this.#partnerLine;
    this.inCall.current?.reportSeen();
  }

  goDirect(): void {
    if (!this.#detached) this.peer?.directUpgrade?.ask();
  }

  async stats(): Promise<CallStats | null> {
    if (!this.peer) return null;
    const [report, { summarize }] = await Promise.all([this.peer.getStats(), import("./stats.js")]);
    const { stats, sample } = summarize(report, this.#statsSample);
    this.#statsSample = sample;
    return stats;
  }

  close(): void {
    this.#closed = true;
    this.#stopSignaling();
    clearTimeout(this.#lostTimer);
    clearTimeout(this.#prepareTimer);
    this.inCall.close();
    this.peer?.close();
  }

  #lineArrived(text: string, id: number | undefined): void {
    this.#partnerLine = id ?? 0;
    this.inCall.current?.lineArrived();
    this.#dependencies.store.events.emit("message", { from: "partner", text, id, atMs: Date.now() });
  }

  get #chatReady(): boolean {
    return this.peer?.chat.open ?? false;
  }

  get #partnerReachable(): boolean {
    const { state, match } = this.#dependencies.store;
    return state.connection.status === "online" && match?.partner.status === "present";
  }

  #adopt(peer: Peer, delivered: boolean): void {
    const { ice } = this.#dependencies.peerSource;
    peer.renewIceServers();
    this.negotiation.adopt(peer, delivered);
    if (!peer.hadRelay && ice.hasRelay) this.#iceRestart.hurry();
  }

  /** A connection that was gathered without the relay is not used when there is one now. */
  #takePrepared(): Peer | undefined {
    const { preparedOffers, peerSource } = this.#dependencies;
    const peer = preparedOffers.takeUndescribed(this.#settings.relayOnly);
    if (!peer || peer.hadRelay || !peerSource.ice.hasRelay) return peer;
    peer.close();
    return undefined;
  }

  /** The connection to the server broke and is back: if media stopped as well, the network changed. */
  async #checkMedia(): Promise<void> {
    const { peer } = this;
    if ((await peer?.isSilent(SILENCE_MS)) && peer === this.peer && !peer?.offering) this.networkChanged();
  }

  #stopSignaling(): void {
    this.negotiation.end();
    this.#iceRestart.close();
    this.#signalSender.close();
  }

  #negotiationFailed(cause: unknown): void {
    const message = this.#dependencies.peerSource.available
      ? "The browsers could not connect."
      : "WebRTC is missing in this browser.";
    this.#reportFailure(message, cause);
  }

  #reportFailure(message: string, cause?: unknown): void {
    this.#dependencies.store.events.emit("error", new SatoshigleError("call_failed", message, { cause }));
  }

  #peerChanged(): void {
    const { store, preparedOffers } = this.#dependencies;
    const state = this.peer?.state ?? "new";
    if (this.peer && state === "connected") {
      this.#wasConnected = true;
      this.inCall.attach(this.peer);
    } else if (state === "disconnected") this.#dependencies.link.check();
    if (this.#chatReady) this.#chatWasOpen = true;
    if (this.#detached) this.#checkDetached();
    else this.#iceRestart.stateChanged(state);
    const { status } = this;
    const before = store.match?.call;
    const direct = this.peer?.directUpgrade?.wish ?? "nobody";
    store.updateMatch({ call: status, chatReady: this.#chatReady, direct });
    // Not before: until then the browser is busy with this call.
    if (status !== "connected") clearTimeout(this.#prepareTimer);
    else if (before !== "connected")
      this.#prepareTimer = setTimeout(() => void preparedOffers.prepare(), PREPARE_AFTER_MS);
  }

  #checkDetached(): void {
    clearTimeout(this.#lostTimer);
    const state = this.peer?.state;
    // The channel closes long before the connection notices that the partner has left.
    const chatClosed = this.#chatWasOpen && !this.#chatReady;
    if (state === "connected" && !chatClosed) return;
    const over = chatClosed || (state !== "disconnected" && state !== "connecting");
    this.#lostTimer = setTimeout(() => this.#dependencies.onLost(), over ? 0 : LOST_AFTER_MS);
  }
}
