import type { Role, Signal } from "../gen/satoshigle/v1/signal_pb.js";
import { SatoshigleError } from "../errors.js";
import { Negotiation } from "./negotiation.js";
import type { Peer } from "./peer.js";
import type { PeerSource } from "./peer-source.js";
import { IceRestart } from "./ice-restart.js";
import type { SignalSender } from "./signal-sender.js";
import { summarize, type StatsSample } from "./stats.js";
import type { CallStats, CallStatus, DirectWish } from "../types.js";

/** Without the server nothing can be repaired, so a silent call is lost after this long. */
const LOST_AFTER_MS = 10_000;

export interface CallHandlers {
  /** Status or chat changed. */
  changed(): void;
  partnerStream(stream: MediaStream): void;
  message(text: string): void;
  problem(error: SatoshigleError): void;
  /** A call of which the server knows nothing any more is over. */
  lost(): void;
}

export interface CallSettings {
  role: Role;
  relayOnly: boolean;
  source: PeerSource;
  sender: SignalSender;
  handlers: CallHandlers;
}

/** The call of one match: negotiates it, watches it and repairs it. */
export class Call {
  readonly #settings: CallSettings;
  readonly #negotiation: Negotiation;
  readonly #repair: IceRestart;
  #wasConnected = false;
  #chatWasOpen = false;
  #online = true;
  #partnerPresent = true;
  #detached = false;
  #lostTimer: ReturnType<typeof setTimeout> | undefined;
  #sample: StatsSample | undefined;

  constructor(settings: CallSettings) {
    const { role, relayOnly, source, sender, handlers } = settings;
    this.#settings = settings;
    this.#negotiation = new Negotiation({
      role,
      relayOnly,
      source,
      send: (signal) => sender.send(signal),
      reachable: () => this.#online && this.#partnerPresent,
      handlers: {
        changed: () => this.#observe(),
        partnerStream: (stream) => handlers.partnerStream(stream),
        message: (text) => handlers.message(text),
        failed: (error) => this.#failed(error),
      },
    });
    this.#repair = new IceRestart(
      (attempt) => this.#negotiation.restart(attempt),
      () => handlers.problem(new SatoshigleError("call_failed", "The two browsers cannot reach each other.")),
    );
  }

  get status(): CallStatus {
    if (this.#peer?.state === "connected") return "connected";
    return this.#wasConnected ? "reconnecting" : "connecting";
  }

  get chatReady(): boolean {
    return this.#peer?.chat.open ?? false;
  }

  get direct(): DirectWish {
    return this.#peer?.agreement?.wish ?? "nobody";
  }

  /** Begins with an offer that was made in advance. `delivered`: the partner has it already. */
  adopt(peer: Peer, delivered: boolean): void {
    this.#negotiation.adopt(peer, delivered);
    if (!peer.knewRelay && this.#settings.source.ice.hasRelay) this.#repair.hurry();
  }

  /** Begins with a new connection in place of one whose offer may have reached the partner but does not suit. */
  replaceOffer(peer: Peer): void {
    this.#negotiation.replaceOffer(peer);
  }

  /** Begins, or begins again, with a new connection whose offer this side makes. */
  startOver(): void {
    this.#negotiation.startOver();
  }

  receive(signals: readonly Signal[]): void {
    this.#negotiation.receive(signals);
  }

  /** The stream skipped events: signals may be lost, so a call that does not run begins anew. */
  resync(taken: number): void {
    this.#settings.sender.resync(taken);
    if (this.status !== "connected" || this.#peer?.offering) this.startOver();
  }

  reach(online: boolean, partnerPresent: boolean): void {
    this.#online = online;
    this.#partnerPresent = partnerPresent;
    if (!this.#detached) this.#repair.reachable(online && partnerPresent);
  }

  /** The server forgot the match: the call goes on as long as it lasts. */
  detach(): void {
    this.#detached = true;
    this.#negotiation.end();
    this.#repair.close();
    this.#settings.sender.close();
    this.#watchDetached();
  }

  say(text: string): void {
    this.#peer?.chat.say(text);
  }

  goDirect(): void {
    if (!this.#detached) this.#peer?.agreement?.ask();
  }

  stayRelayed(): void {
    this.#peer?.agreement?.decline();
  }

  async setMedia(media: MediaStream | null): Promise<void> {
    await this.#peer?.setMedia(media);
  }

  async stats(): Promise<CallStats | null> {
    if (!this.#peer) return null;
    const { stats, sample } = summarize(await this.#peer.getStats(), this.#sample);
    this.#sample = sample;
    return stats;
  }

  close(): void {
    this.#negotiation.end();
    this.#repair.close();
    this.#settings.sender.close();
    clearTimeout(this.#lostTimer);
    this.#peer?.close();
  }

  get #peer(): Peer | undefined {
    return this.#negotiation.peer;
  }

  #failed(cause: unknown): void {
    const message = this.#settings.source.available
      ? "The two browsers do not understand each other."
      : "This browser cannot make calls: it has no WebRTC, or it is switched off.";
    this.#settings.handlers.problem(new SatoshigleError("call_failed", message, { cause }));
  }

  #observe(): void {
    const state = this.#peer?.state ?? "new";
    if (state === "connected") this.#wasConnected = true;
    if (this.chatReady) this.#chatWasOpen = true;
    if (this.#detached) this.#watchDetached();
    else this.#repair.observe(state);
    this.#settings.handlers.changed();
  }

  #watchDetached(): void {
    clearTimeout(this.#lostTimer);
    const state = this.#peer?.state;
    // A partner who goes closes the channel long before the connection notices.
    const chatClosed = this.#chatWasOpen && !this.chatReady;
    if (state === "connected" && !chatClosed) return;
    const over = chatClosed || (state !== "disconnected" && state !== "connecting");
    this.#lostTimer = setTimeout(() => this.#settings.handlers.lost(), over ? 0 : LOST_AFTER_MS);
  }
}
