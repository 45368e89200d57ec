import { Description_Type, Role, type Description, type Signal } from "../gen/satoshigle/v1/signal_pb.js";
import { Allowance } from "./allowance.js";
import { answers, nameConnection } from "./connection-id.js";
import { SignalInbox } from "./signal-inbox.js";
import type { Peer, PeerHandlers } from "./peer.js";
import type { PeerSource } from "./peer-source.js";
import { OfferRetry } from "./offer-retry.js";
import { candidatesDoneSignal, candidateSignal, descriptionSignal } from "../connection/codec.js";

/** New connections within one match; beyond this the two browsers do not understand each other. */
const MOST_CONNECTIONS = 8;
/** Offers of the partner that are answered at once, and after that: each takes calls of this side's budget. */
const [ANSWERS_AT_ONCE, ANSWERS_PER_SECOND] = [4, 0.1];
/** Candidates of one description that are tried: each is a path that the browser probes. */
const MOST_CANDIDATES = 200;
/** Restarts that keep the connection; later ones begin with a new one. */
const GENTLE_RESTARTS = 2;

export interface NegotiationHandlers extends Pick<PeerHandlers, "partnerStream" | "message"> {
  /** Another connection, or the connection or its text channel changed. */
  changed(): void;
  /** The descriptions do not fit together, however often it is tried. */
  failed(error: unknown): void;
}

export interface NegotiationSettings {
  role: Role;
  relayOnly: boolean;
  source: PeerSource;
  send: (signal: Signal) => void;
  /** Whether the partner can be reached now. */
  reachable: () => boolean;
  handlers: NegotiationHandlers;
}

/**
 * Perfect negotiation with the roles that the server gave, over as many peer connections as reloads on either side need.
 * Of two offers that cross, the offerer's stands.
 */
export class Negotiation {
  readonly #settings: NegotiationSettings;
  readonly #deadIds: string[] = [];
  readonly #reminder: OfferRetry;
  #peer: Peer | undefined;
  #tail: Promise<void> = Promise.resolve();
  /** The description handled last was not applied, so its candidates are not either. */
  #skipping = false;
  #connections = 0;
  readonly #inbox = new SignalInbox();
  readonly #answers = new Allowance(ANSWERS_AT_ONCE, ANSWERS_PER_SECOND);
  #candidatesLeft = MOST_CANDIDATES;
  #working = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #over = false;

  constructor(settings: NegotiationSettings) {
    this.#settings = settings;
    this.#reminder = new OfferRetry(settings.reachable);
  }

  /** The connection of the moment. */
  get peer(): Peer | undefined {
    return this.#peer;
  }

  /** Begins with an offer that was made in advance. `delivered`: the partner has it already. */
  adopt(peer: Peer, delivered: boolean): void {
    this.#use(peer);
    this.#publish(peer, delivered);
  }

  /** Begins with a new connection in place of one whose offer may have reached the partner but does not suit. */
  replaceOffer(peer: Peer): void {
    this.#deadIds.push(peer.connectionId);
    peer.close();
    this.startOver();
  }

  /** Begins, or begins again, with a new connection whose offer this side makes. */
  startOver(): void {
    this.#enqueue(() => this.#offerAnew());
  }

  /** Looks for new paths; `attempt` counts from 1. */
  restart(attempt: number): void {
    this.#enqueue(() => this.#restart(attempt));
  }

  /** The partner's signals, in order. However many offers there are, only so many are answered in a while. */
  receive(signals: readonly Signal[]): void {
    this.#inbox.add(signals);
    this.#work();
  }

  /** No further signals; the connection stays as it is. */
  end(): void {
    this.#over = true;
    this.#inbox.clear();
    clearTimeout(this.#timer);
    this.#reminder.cancel();
  }

  #work(): void {
    clearTimeout(this.#timer);
    if (this.#working || this.#over || !this.#inbox.first) return;
    this.#working = true;
    this.#enqueue(() => this.#handleFirst());
  }

  async #handleFirst(): Promise<void> {
    const signal = this.#inbox.first;
    const isDue = signal !== undefined && (!this.#costsAnswer(signal) || this.#answers.take());
    try {
      if (isDue) this.#inbox.shift();
      if (isDue) await this.#handle(signal);
    } finally {
      this.#working = false;
      if (isDue) this.#work();
      else if (!this.#over) this.#timer = setTimeout(() => this.#work(), Math.max(1, this.#answers.waitMs));
    }
  }

  /** Whether this side has to say something in return. */
  #costsAnswer({ kind }: Signal): boolean {
    if (kind.case !== "description") return false;
    return kind.value.type === Description_Type.OFFER || isStranger(this.#peer, kind.value);
  }

  /** One step at a time: a candidate must not overtake its description. */
  #enqueue(step: () => Promise<void>): void {
    this.#tail = this.#tail
      .then(() => (this.#over ? undefined : step()))
      .catch((error: unknown) => {
        if (this.#over) return;
        if (this.#settings.source.available && this.#connections < MOST_CONNECTIONS) this.startOver();
        else this.#settings.handlers.failed(error);
      });
  }

  async #handle({ kind }: Signal): Promise<void> {
    if (kind.case === "description") await this.#describe(kind.value);
    else if (this.#skipping) return;
    else if (kind.case === "candidate") {
      if (this.#candidatesLeft-- > 0) await this.#peer?.addCandidate(kind.value);
    } else if (kind.case === "candidatesDone") await this.#peer?.endCandidates();
  }

  async #describe(description: Description): Promise<void> {
    this.#candidatesLeft = MOST_CANDIDATES;
    // Made for a connection that this side has replaced since; a better one is on its way.
    this.#skipping = this.#deadIds.some((id) => answers(description.connectionId, id));
    if (this.#skipping) return;
    if (description.type === Description_Type.OFFER) await this.#offered(description);
    if (description.type === Description_Type.ANSWER) await this.#answered(description);
  }

  async #offered(offer: Description): Promise<void> {
    const peer = this.#peer;
    if (peer?.applied && isSame(peer.applied, offer)) {
      this.#publish(peer, false);
      return;
    }
    const stranger = isStranger(peer, offer);
    if (peer?.offering && !stranger && this.#settings.role === Role.OFFERER) {
      this.#skipping = true;
      return;
    }
    // A connection without a common past has nothing worth rolling back for.
    await this.#settings.source.ice.refresh();
    if (this.#over) return;
    const isKept = peer?.negotiated && !stranger && !peer.direct;
    if (isKept) peer.setIceServers(this.#settings.source.ice.atHand);
    const answering = isKept ? peer : this.#create(offer.connectionId);
    await answering.answer(offer);
    this.#publish(answering, false);
  }

  async #answered(answer: Description): Promise<void> {
    const peer = this.#peer;
    if (isStranger(peer, answer)) await this.#offerAnew();
    else if (peer?.offering) {
      this.#reminder.cancel();
      await peer.accept(answer);
    }
  }

  async #offerAnew(): Promise<void> {
    await this.#settings.source.ice.refresh();
    if (this.#over) return;
    const peer = this.#create();
    await peer.offer();
    this.#publish(peer, false);
  }

  async #restart(attempt: number): Promise<void> {
    const peer = this.#peer;
    if (peer?.offering && !peer.direct) {
      this.#publish(peer, false);
      return;
    }
    // Through the server nothing but relayed candidates travels, so a direct connection is not repaired but replaced.
    if (!peer?.negotiated || peer.direct || attempt > GENTLE_RESTARTS) {
      await this.#offerAnew();
      return;
    }
    await this.#settings.source.ice.refresh();
    peer.setIceServers(this.#settings.source.ice.atHand);
    await peer.offer(true);
    this.#publish(peer, false);
  }

  /** A new connection, to offer or to answer the connection of that name. */
  #create(answered?: string): Peer {
    this.#connections++;
    const peer = this.#settings.source.create(this.#settings.relayOnly, nameConnection(answered));
    if (this.#peer) this.#deadIds.push(this.#peer.connectionId);
    this.#use(peer);
    return peer;
  }

  #use(peer: Peer): void {
    const { handlers, send } = this.#settings;
    this.#peer?.close();
    this.#peer = peer;
    peer.handlers = {
      candidate: (candidate) => send(candidateSignal(candidate)),
      candidatesDone: () => send(candidatesDoneSignal()),
      stateChanged: () => handlers.changed(),
      changed: () => handlers.changed(),
      partnerStream: (stream) => handlers.partnerStream(stream),
      message: (text) => handlers.message(text),
      agreed: () => this.#enqueue(() => this.#offerDirect(peer)),
      shown: (signal) => this.#enqueue(() => this.#goDirect(peer, signal)),
    };
  }

  #publish(peer: Peer, delivered: boolean): void {
    if (this.#over) return;
    const description = peer.publish();
    if (!delivered) this.#settings.send(descriptionSignal(description));
    peer.reportCandidates();
    if (peer.offering) this.#reminder.set(() => this.#remind(peer));
    else this.#reminder.cancel();
  }

  /** Looks for direct paths as well, and tells the partner so without the server. */
  async #offerDirect(peer: Peer): Promise<void> {
    if (peer !== this.#peer || this.#settings.role !== Role.OFFERER) return;
    peer.allowDirect();
    await peer.offer(true);
    peer.show();
  }

  /** What the partner showed of itself, after both agreed to go direct. */
  async #goDirect(peer: Peer, { kind }: Signal): Promise<void> {
    if (peer !== this.#peer) return;
    if (kind.case === "candidate") await peer.addCandidate(kind.value);
    if (kind.case !== "description") return;
    const { type } = kind.value;
    const isOfferer = this.#settings.role === Role.OFFERER;
    if (isOfferer && type === Description_Type.ANSWER && peer.offering) await peer.accept(kind.value);
    if (isOfferer || type !== Description_Type.OFFER) return;
    peer.allowDirect();
    await peer.answer(kind.value);
    peer.show();
  }

  #remind(peer: Peer): void {
    if (peer === this.#peer && peer.offering) this.#publish(peer, false);
  }
}

function isSame(a: Description, b: Description): boolean {
  return a.type === b.type && a.sdp === b.sdp && a.connectionId === b.connectionId;
}

/** The description comes from another connection than the one this peer negotiated with: the partner reloaded. */
function isStranger(peer: Peer | undefined, { connectionId }: Description): boolean {
  const known = peer?.applied?.connectionId;
  return known !== undefined && connectionId !== "" && connectionId !== known;
}
