import {
  IceTransportPolicy,
  Role,
  type Description,
  type IceServer,
  type Signal,
} from "../gen/satoshigle/v1/signal_pb.js";
import type { Api } from "../connection/api.js";
import { Call, type CallHandlers } from "./call.js";
import type { PeerSource } from "./peer-source.js";
import type { PreparedOffers } from "./prepared-offer.js";
import { SignalSender, type SenderLink, type SendLimits } from "./signal-sender.js";
import type { CallStats, PartnerPresence } from "../types.js";
import type { StateStore } from "../state-store.js";
import { descriptionSignal } from "../connection/codec.js";

/** A match as `Matched` or a snapshot tells it. */
export interface MatchTerms {
  matchId: string;
  role: Role;
  sharedInterests: string[];
  iceTransportPolicy: IceTransportPolicy;
  iceServers: IceServer[];
  partnerPresent: boolean;
  /** The highest number of this side's calls of `Send` that the server has taken. */
  clientSequence: number;
}

interface Parts {
  view: StateStore;
  api: Api;
  link: SenderLink;
  source: PeerSource;
  preparation: PreparedOffers;
  /** The call is over and the server cannot say so. */
  lost: () => void;
}

/** Runs the call of the current match and shows in the view how it goes. */
export class Calls {
  limits: SendLimits = { maxSignals: 64, maxBytes: 32_768 };
  readonly #parts: Parts;
  #call: Call | undefined;
  #online = false;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Media flowed at some time. */
  get established(): boolean {
    return this.#call !== undefined && this.#call.status !== "connecting";
  }

  /** A new match: with the partner's offer, with this side's prepared one, or waiting for the partner's. */
  begin(terms: MatchTerms, partnerOffer: Description | undefined, delivered: boolean): void {
    const call = this.#create(terms);
    // A listener of `matched` may have left already.
    if (this.#call !== call) return;
    if (partnerOffer) {
      call.receive([descriptionSignal(partnerOffer)]);
      return;
    }
    if (terms.role !== Role.OFFERER) return;
    const peer = this.#parts.preparation.take();
    if (!peer) {
      call.startOver();
      return;
    }
    if (isRelayed(terms) && !peer.relayOnly) {
      call.replaceOffer(peer);
      return;
    }
    peer.setIceServers(this.#parts.source.ice.atHand);
    call.adopt(peer, delivered);
  }

  /** A match that began before this page did. */
  rejoin(terms: MatchTerms): void {
    this.#create(terms).startOver();
  }

  /** The stream skipped events of the current match. */
  resync(clientSequence: number, partnerPresent: boolean): void {
    this.setPartner(presence(partnerPresent));
    this.#call?.resync(clientSequence);
  }

  receive(matchId: string, signals: Signal[]): void {
    if (this.#parts.view.match?.matchId === matchId) this.#call?.receive(signals);
  }

  setOnline(online: boolean): void {
    this.#online = online;
    this.#reach();
  }

  setPartner(partner: PartnerPresence): void {
    this.#parts.view.updateMatch({ partner });
    this.#reach();
  }

  /** The server does not know the match any more. */
  detach(): void {
    this.#parts.view.updateMatch({ signaled: false, partner: { status: "present" } });
    this.#call?.detach();
  }

  end(): void {
    this.#call?.close();
    this.#call = undefined;
  }

  get chatReady(): boolean {
    return this.#call?.chatReady ?? false;
  }

  say(text: string): void {
    this.#call?.say(text);
  }

  goDirect(): void {
    this.#call?.goDirect();
  }

  stayRelayed(): void {
    this.#call?.stayRelayed();
  }

  async setMedia(media: MediaStream | null): Promise<void> {
    await this.#call?.setMedia(media);
  }

  async stats(): Promise<CallStats | null> {
    return (await this.#call?.stats()) ?? null;
  }

  #create(terms: MatchTerms): Call {
    const { view, source, api, link } = this.#parts;
    const { matchId, role, sharedInterests } = terms;
    source.ice.take(terms.iceServers);
    this.end();
    const sender = new SignalSender(matchId, terms.clientSequence, api, link, this.limits);
    const relayOnly = isRelayed(terms);
    const call: Call = new Call({ role, relayOnly, source, sender, handlers: this.#handlers(() => call) });
    this.#call = call;
    view.setActivity({
      phase: "matched",
      matchId,
      sharedInterests,
      relayOnly,
      direct: "nobody",
      call: "connecting",
      partner: presence(terms.partnerPresent),
      signaled: true,
      chatReady: false,
    });
    view.events.emit("matched", { matchId, sharedInterests });
    this.#reach();
    return call;
  }

  #handlers(call: () => Call): CallHandlers {
    const { view, preparation, lost } = this.#parts;
    const isCurrent = (): boolean => this.#call === call();
    return {
      changed: () => {
        if (!isCurrent()) return;
        const { status, chatReady, direct } = call();
        view.updateMatch({ call: status, chatReady, direct });
        // The browser is busy until then.
        if (status === "connected") void preparation.warm();
      },
      partnerStream: (stream) => isCurrent() && view.setPartnerStream(stream),
      message: (text) => isCurrent() && view.events.emit("message", { from: "partner", text, atMs: Date.now() }),
      problem: (error) => isCurrent() && view.events.emit("error", error),
      lost: () => isCurrent() && lost(),
    };
  }

  #reach(): void {
    this.#call?.reach(this.#online, this.#parts.view.match?.partner.status === "present");
  }
}

function isRelayed({ iceTransportPolicy }: MatchTerms): boolean {
  return iceTransportPolicy === IceTransportPolicy.RELAY;
}

/** A snapshot does not say until when an absent partner may return; the usual window is a minute. */
function presence(present: boolean): PartnerPresence {
  return present ? { status: "present" } : { status: "away", deadlineMs: Date.now() + 60_000 };
}
