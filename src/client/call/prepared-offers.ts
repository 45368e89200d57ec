import { sleep } from "../connection/timers.js";
import { createConnectionId } from "./connection-id.js";
import type { Peer } from "./peer.js";
import type { PeerSource } from "./peer-source.js";

/** The candidates of an older offer may no longer work. Relay credentials may expire sooner. */
const MAX_AGE_MS = 5 * 60_000;
/** The longest time that `reserve` waits for an offer; a match can begin without one. */
const RESERVE_TIMEOUT_MS = 1_000;
/** How many discarded offers are remembered. */
const MAX_LOST = 8;

/**
 * Prepares the next peer connection, with its candidates gathered. A side that looks for a partner sends its offer with
 * `Match`. A side that waits answers the partner's offer, so its connection has no description yet: browsers cannot keep
 * the candidates of an offer that was rolled back.
 */
export class PreparedOffers {
  /** The person asked for relayed calls. */
  relayRequested = false;
  /** The server relays every call. */
  relayRequired = false;
  readonly #peerSource: PeerSource;
  readonly #mayFetchCredentials: () => boolean;
  #peer: Peer | undefined;
  #preparing: Promise<void> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #expiresMs = 0;
  /** The offer is on its way to the server and may reach a partner, so it must be kept. */
  #reserved = false;
  /** `reserve` is waiting. */
  #urgent = false;
  #closed = false;
  /** The next partner is expected to bring the offer. */
  #expecting = false;
  /** Offers that were sent with `Match` and discarded since: their answers are for no connection. */
  #lostIds: string[] = [];

  constructor(peerSource: PeerSource, mayFetchCredentials: () => boolean) {
    this.#peerSource = peerSource;
    this.#mayFetchCredentials = mayFetchCredentials;
  }

  get peer(): Peer | undefined {
    return this.#peer;
  }

  get relayOnly(): boolean {
    return this.relayRequested || this.relayRequired;
  }

  /** Prepares an offer unless there is one. */
  prepare(): Promise<void> {
    if (this.#peer && !this.#isUsable(this.#peer)) this.discard();
    if (this.#peer || this.#closed || !this.#peerSource.available) return Promise.resolve();
    return (this.#preparing ??= this.#prepare().finally(() => (this.#preparing = undefined)));
  }

  /** Returns the offer to send with `Match`, which is then kept until `take` or `release`. */
  async reserve(): Promise<Peer | undefined> {
    this.#urgent = true;
    this.#expecting = false;
    // Twice, because an offer that was already being prepared may no longer be usable.
    await Promise.race([this.prepare().then(() => this.prepare()), sleep(RESERVE_TIMEOUT_MS)]);
    this.#urgent = false;
    const peer = this.#peer;
    this.#reserved = peer !== undefined;
    if (peer && !peer.offering) await peer.offer().catch(() => this.discard());
    await this.#peer?.gathered();
    return this.#peer;
  }

  /** The offer reached nobody. */
  release(): void {
    this.#reserved = false;
    this.#expecting = false;
  }

  /** This side waits for a partner, who will bring an offer. */
  expectOffer(): void {
    this.#reserved = false;
    this.#expecting = true;
    // Twice, because what is already being prepared is an offer.
    void this.prepare().then(() => this.prepare());
  }

  /** Hands the connection with an offer over to a call. */
  takeOffer(): Peer | undefined {
    return this.#peer?.offering ? this.#take() : undefined;
  }

  /** Hands the connection without an offer over to a call, if it suits the call. */
  takeUndescribed(relayOnly: boolean): Peer | undefined {
    const peer = this.#peer;
    if (!peer || peer.offering || peer.relayOnly !== relayOnly || !this.#isUsable(peer)) return undefined;
    return this.#take();
  }

  /** Returns, once, the IDs of connections whose offers may have reached the partner although they were discarded. */
  takeLostIds(): string[] {
    return this.#lostIds.splice(0);
  }

  discard(): void {
    const peer = this.#take();
    if (peer?.published) this.#lostIds = [...this.#lostIds, peer.connectionId].slice(-MAX_LOST);
    peer?.close();
  }

  close(): void {
    this.#closed = true;
    this.discard();
  }

  #take(): Peer | undefined {
    const peer = this.#peer;
    clearTimeout(this.#timer);
    this.#peer = undefined;
    this.#reserved = false;
    return peer;
  }

  async #prepare(): Promise<void> {
    let peer: Peer | undefined;
    let validUntilMs: number;
    const { ice } = this.#peerSource;
    if (ice.needsCredentials && this.#mayFetchCredentials()) {
      const refreshed = ice.refresh();
      // Otherwise the offer does without the relay: the match brings credentials for both sides.
      if (!this.#urgent || this.relayOnly) await refreshed;
    }
    // A relayed connection without credentials has no candidates.
    if (this.relayOnly && ice.needsCredentials && !ice.hasRelay) return;
    const expecting = this.#expecting;
    try {
      validUntilMs = ice.validUntilMs;
      peer = this.#peerSource.create(this.relayOnly, createConnectionId(), expecting);
      if (!expecting) await peer.offer();
      await peer.setMedia(this.#peerSource.media);
      peer.setReceiving(this.#peerSource.receiving);
    } catch {
      // A match can begin without an offer; the call will report the fault.
      peer?.close();
      return;
    }
    if (this.#closed) {
      peer.close();
      return;
    }
    this.#peer = peer;
    this.#expiresMs = Math.min(peer.createdMs + MAX_AGE_MS, validUntilMs);
    this.#expireIn(this.#expiresMs - Date.now());
  }

  #expireIn(ms: number): void {
    this.#timer = setTimeout(() => {
      if (this.#reserved) this.#expireIn(RESERVE_TIMEOUT_MS);
      else this.#replace();
    }, ms);
  }

  #isUsable(peer: Peer): boolean {
    if (this.#reserved) return true;
    if (peer.offering && this.#expecting) return false;
    const isAsWanted = peer.relayOnly === this.relayOnly && peer.mode === this.#peerSource.mode && !peer.outdated;
    return isAsWanted && Date.now() < this.#expiresMs;
  }

  /** What was prepared expired. While the person wants calls, there should always be something. */
  #replace(): void {
    this.discard();
    if (this.#mayFetchCredentials()) void this.prepare();
  }
}
