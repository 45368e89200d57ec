import { Description_Type, Role, type Description, type Signal } from "../gen/satoshigle/v1/signal_pb.js";
import { Allowance } from "./allowance.js";
import { answersConnection, createConnectionId } from "./connection-id.js";
import { SignalInbox } from "./signal-inbox.js";
import type { Peer, PeerHandlers } from "./peer.js";
import type { PeerSource } from "./peer-source.js";
import { OfferRetry } from "./offer-retry.js";
import { candidatesDoneSignal, candidateSignal, descriptionSignal } from "./signals.js";

/** The number of peer connections in one match after which the browsers are considered incompatible. */
const MAX_CONNECTIONS = 8;
/** How many offers of the partner are answered: each answer uses up this side's budget of calls. */
const [ANSWER_BURST, ANSWERS_PER_SECOND] = [4, 0.1];
/** How many candidates of one description are tried: each is a path that the browser probes. */
const MAX_CANDIDATES = 200;
/** How many restarts keep the connection; later ones replace it. */
const MAX_ICE_RESTARTS = 2;

export interface NegotiationHandlers extends Pick<PeerHandlers, "changed" | "partnerStream" | "message"> {
  /** The descriptions are incompatible, even after retries. */
  failed(error: unknown): void;
}

export interface NegotiationSettings {
  role: Role;
  relayOnly: boolean;
  peerSource: PeerSource;
  /** Hands over a connection that was prepared for an unknown partner and has no description yet, if there is one. */
  takePrepared: () => Peer | undefined;
  send: (signal: Signal) => void;
  /** Whether signals reach the partner now. */
  reachable: () => boolean;
  handlers: NegotiationHandlers;
}

/**
 * Perfect negotiation with the roles that the server assigned, across the peer connections that reloads on either side
 * require. If two offers cross, the offerer's wins.
 */
export class Negotiation {
  readonly #settings: NegotiationSettings;
  readonly #replacedIds: string[] = [];
  readonly #offerRetry: OfferRetry;
  #peer: Peer | undefined;
  #lastStep: Promise<void> = Promise.resolve();
  /** The last description was ignored, so its candidates must be ignored as well. */
  #ignoringCandidates = false;
  #connectionCount = 0;
  readonly #inbox = new SignalInbox();
  readonly #answerAllowance = new Allowance(ANSWER_BURST, ANSWERS_PER_SECOND);
  #candidatesLeft = MAX_CANDIDATES;
  #handling = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #ended = false;

  constructor(settings: NegotiationSettings) {
    this.#settings = settings;
    this.#offerRetry = new OfferRetry(settings.reachable);
  }

  /** The current peer connection. */
  get peer(): Peer | undefined {
    return this.#peer;
  }

  /** Begins with a prepared offer. `delivered`: the partner already has it. */
  adopt(peer: Peer, delivered: boolean): void {
    this.#use(peer);
    this.#publish(peer, delivered);
  }

  /** Begins with a new connection instead of a prepared one that may have reached the partner but cannot be used. */
  replaceOffer(peer: Peer): void {
    this.ignoreAnswersTo([peer.connectionId]);
    peer.close();
    this.startOver();
  }

  /** Ignores answers to the offers of these connections, which are closed. */
  ignoreAnswersTo(connectionIds: readonly string[]): void {
    this.#replacedIds.push(...connectionIds);
  }

  /** Offers a new connection, in place of the current one if there is one. */
  startOver(): void {
    this.#enqueue(() => this.#offerNew());
  }

  /** Restarts ICE; `attempt` counts from 1. */
  restart(attempt: number): void {
    this.#enqueue(() => this.#restart(attempt));
  }

  /** The media to receive changed. An answer that is on its way already asks for them. */
  renegotiate(): void {
    this.#enqueue(() => this.#offerChange());
  }

  /** Handles the partner's signals in order. The rate of answered offers is limited. */
  receive(signals: readonly Signal[]): void {
    this.#inbox.add(signals);
    this.#handleNext();
  }

  /** Stops signaling; the peer connection stays as it is. */
  end(): void {
    this.#ended = true;
    this.#inbox.clear();
    clearTimeout(this.#timer);
    this.#offerRetry.cancel();
  }

  #handleNext(): void {
    clearTimeout(this.#timer);
    if (this.#handling || this.#ended || !this.#inbox.first) return;
    this.#handling = true;
    this.#enqueue(() => this.#handleFirst());
  }

  async #handleFirst(): Promise<void> {
    const signal = this.#inbox.first;
    const isAllowed = signal !== undefined && (!this.#needsAnswer(signal) || this.#answerAllowance.take());
    try {
      if (isAllowed) this.#inbox.shift();
      if (isAllowed) await this.#handle(signal);
    } finally {
      this.#handling = false;
      if (isAllowed) this.#handleNext();
      else if (!this.#ended)
        this.#timer = setTimeout(() => this.#handleNext(), Math.max(1, this.#answerAllowance.waitMs));
    }
  }

  /** Whether this side has to send a description in return. */
  #needsAnswer({ kind }: Signal): boolean {
    if (kind.case !== "description") return false;
    return kind.value.type === Description_Type.OFFER || isFromNewConnection(this.#peer, kind.value);
  }

  /** Runs one step at a time: a candidate must not overtake its description. */
  #enqueue(step: () => Promise<void>): void {
    this.#lastStep = this.#lastStep
      .then(() => (this.#ended ? undefined : step()))
      .catch((error: unknown) => {
        if (this.#ended) return;
        if (this.#settings.peerSource.available && this.#connectionCount < MAX_CONNECTIONS) this.startOver();
        else this.#settings.handlers.failed(error);
      });
  }

  async #handle({ kind }: Signal): Promise<void> {
    if (kind.case === "description") await this.#handleDescription(kind.value);
    else if (this.#ignoringCandidates) return;
    else if (kind.case === "candidate") {
      if (this.#candidatesLeft-- > 0) await this.#peer?.addCandidate(kind.value);
    } else if (kind.case === "candidatesDone") await this.#peer?.endCandidates();
  }

  async #handleDescription(description: Description): Promise<void> {
    this.#candidatesLeft = MAX_CANDIDATES;
    // It answers a connection that this side has replaced since; a newer offer is on its way.
    this.#ignoringCandidates = this.#replacedIds.some((id) => answersConnection(description.connectionId, id));
    if (this.#ignoringCandidates) return;
    if (description.type === Description_Type.OFFER) await this.#handleOffer(description);
    if (description.type === Description_Type.ANSWER) await this.#handleAnswer(description);
  }

  async #handleOffer(offer: Description): Promise<void> {
    const peer = this.#peer;
    if (peer?.applied && isSame(peer.applied, offer)) {
      this.#publish(peer, false);
      return;
    }
    const isFromNew = isFromNewConnection(peer, offer);
    if (peer?.offering && !isFromNew && this.#settings.role === Role.OFFERER) {
      this.#ignoringCandidates = true;
      return;
    }
    // Without a common past there is nothing to roll back, so a new connection is made.
    await this.#freshIceServers();
    if (this.#ended) return;
    const isKept = peer?.negotiated && !isFromNew && !peer.direct;
    if (isKept) peer.renewIceServers();
    const answering = isKept ? peer : this.#create(offer.connectionId);
    await answering.answer(offer);
    await answering.gathered();
    this.#publish(answering, false);
  }

  async #handleAnswer(answer: Description): Promise<void> {
    const peer = this.#peer;
    if (isFromNewConnection(peer, answer)) await this.#offerNew();
    else if (peer?.offering) {
      this.#offerRetry.cancel();
      await peer.accept(answer);
      await this.#offerChange();
    }
  }

  /** Offers what changed since the last description. An offer that is unanswered is changed after its answer. */
  async #offerChange(): Promise<void> {
    const peer = this.#peer;
    if (!peer?.outdated || !peer.negotiated || peer.offering) return;
    if (peer.direct) {
      await this.#offerNew();
      return;
    }
    await peer.offer();
    this.#publish(peer, false);
  }

  async #offerNew(): Promise<void> {
    await this.#freshIceServers();
    if (this.#ended) return;
    const peer = this.#create();
    await peer.offer();
    await peer.gathered();
    this.#publish(peer, false);
  }

  async #restart(attempt: number): Promise<void> {
    const peer = this.#peer;
    if (peer?.offering && !peer.direct) {
      this.#publish(peer, false);
      return;
    }
    // The server carries relayed candidates only, so a direct connection is replaced instead of restarted.
    if (!peer?.negotiated || peer.direct || attempt > MAX_ICE_RESTARTS) {
      await this.#offerNew();
      return;
    }
    await this.#freshIceServers();
    peer.renewIceServers();
    await peer.offer(true);
    await peer.gathered();
    this.#publish(peer, false);
  }

  /** Runs before each gathering: candidates of expired credentials lead nowhere. */
  async #freshIceServers(): Promise<void> {
    await this.#settings.peerSource.ice.fresh(this.#settings.relayOnly);
  }

  /** Creates a connection, to offer or to answer the one with this ID. */
  #create(answeredId?: string): Peer {
    this.#connectionCount++;
    const { peerSource, relayOnly, takePrepared } = this.#settings;
    const connectionId = createConnectionId(answeredId);
    const peer = takePrepared() ?? peerSource.create(relayOnly, connectionId);
    peer.connectionId = connectionId;
    if (this.#peer) this.#replacedIds.push(this.#peer.connectionId);
    this.#use(peer);
    return peer;
  }

  #use(peer: Peer): void {
    const { handlers, send } = this.#settings;
    this.#peer?.close();
    this.#peer = peer;
    peer.handlers = {
      ...handlers,
      candidate: (candidate) => send(candidateSignal(candidate)),
      candidatesDone: () => send(candidatesDoneSignal()),
      agreed: () => this.#enqueue(() => this.#offerDirect(peer)),
      directSignal: (signal) => this.#enqueue(() => this.#handleDirectSignal(peer, signal)),
    };
  }

  #publish(peer: Peer, delivered: boolean): void {
    if (this.#ended) return;
    const description = peer.publish();
    if (!delivered) this.#settings.send(descriptionSignal(description));
    peer.reportCandidates();
    if (peer.offering) this.#offerRetry.schedule(() => this.#repeatOffer(peer));
    else this.#offerRetry.cancel();
  }

  /** Offers direct paths to the partner, over the call instead of the server. */
  async #offerDirect(peer: Peer): Promise<void> {
    if (peer !== this.#peer || this.#settings.role !== Role.OFFERER) return;
    peer.allowDirect();
    await peer.offer(true);
    peer.sendDirectDescription();
  }

  /** Applies what the partner sent over the call after both agreed to go direct. */
  async #handleDirectSignal(peer: Peer, { kind }: Signal): Promise<void> {
    if (peer !== this.#peer) return;
    if (kind.case === "candidate") await peer.addCandidate(kind.value);
    if (kind.case !== "description") return;
    const { type } = kind.value;
    const isOfferer = this.#settings.role === Role.OFFERER;
    if (isOfferer && type === Description_Type.ANSWER && peer.offering) await peer.accept(kind.value);
    if (isOfferer || type !== Description_Type.OFFER) return;
    peer.allowDirect();
    await peer.answer(kind.value);
    peer.sendDirectDescription();
  }

  #repeatOffer(peer: Peer): void {
    if (peer === this.#peer && peer.offering) this.#publish(peer, false);
  }
}

function isSame(a: Description, b: Description): boolean {
  return a.type === b.type && a.sdp === b.sdp && a.connectionId === b.connectionId;
}

/** Whether the description is of another connection than the one this peer negotiated with: the partner reloaded. */
function isFromNewConnection(peer: Peer | undefined, { connectionId }: Description): boolean {
  const appliedId = peer?.applied?.connectionId;
  return appliedId !== undefined && connectionId !== "" && connectionId !== appliedId;
}
