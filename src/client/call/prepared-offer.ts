import { nameConnection } from "./connection-id.js";
import type { Peer } from "./peer.js";
import type { PeerSource } from "./peer-source.js";

/** An older one's candidates and relay credentials are not to be relied on. */
const MOST_AGE_MS = 5 * 60_000;
/** A press of Start does not wait longer than this for an offer; the match can do without. */
const PATIENCE_MS = 1_000;

/** The next peer connection with its offer, made before it is needed so that a match costs one round trip less. */
export class PreparedOffers {
  readonly #source: PeerSource;
  readonly #wanted: () => boolean;
  #peer: Peer | undefined;
  #making: Promise<void> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Its offer is on the way to the server and may reach somebody: it must stay. */
  #held = false;
  /** A press of Start waits. */
  #hurried = false;
  #closed = false;
  /** The person wants to be relayed. */
  relayWished = false;
  /** The server relays every call. */
  relayAlways = false;

  /** `wanted`: the person pressed start, so that credentials may be asked for. */
  constructor(source: PeerSource, wanted: () => boolean = () => true) {
    this.#source = source;
    this.#wanted = wanted;
  }

  get relayOnly(): boolean {
    return this.relayWished || this.relayAlways;
  }

  /** Makes one unless there is one. */
  warm(): Promise<void> {
    if (this.#peer && !this.#usable(this.#peer)) this.discard();
    if (this.#peer || this.#closed || !this.#source.available) return Promise.resolve();
    return (this.#making ??= this.#make().finally(() => (this.#making = undefined)));
  }

  /** The one to offer with `Match`, which then stays until `take` or `release`. */
  async hold(): Promise<Peer | undefined> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const patience = new Promise<void>((resolve) => (timer = setTimeout(resolve, PATIENCE_MS)));
    this.#hurried = true;
    // Twice: one that was being made meanwhile may not suit any more.
    await Promise.race([this.warm().then(() => this.warm()), patience]);
    this.#hurried = false;
    clearTimeout(timer);
    this.#held = this.#peer !== undefined;
    return this.#peer;
  }

  /** The offer reached nobody. */
  release(): void {
    this.#held = false;
  }

  /** Hands it over to a call. */
  take(): Peer | undefined {
    const peer = this.#peer;
    clearTimeout(this.#timer);
    this.#peer = undefined;
    this.#held = false;
    return peer;
  }

  async setMedia(media: MediaStream | null): Promise<void> {
    await this.#peer?.setMedia(media);
  }

  discard(): void {
    this.take()?.close();
  }

  close(): void {
    this.#closed = true;
    this.discard();
  }

  async #make(): Promise<void> {
    let peer: Peer | undefined;
    const { ice } = this.#source;
    // Elsewhere the offer does without the relay: the match brings credentials for both.
    if (ice.needsCredentials && this.#wanted()) {
      const refreshed = ice.refresh();
      if (!this.#hurried || this.relayOnly) await refreshed;
    }
    // Where nothing but the relay counts, there is nothing to gather without credentials.
    if (this.relayOnly && ice.needsCredentials) return;
    try {
      peer = this.#source.create(this.relayOnly, nameConnection());
      await peer.offer();
      await peer.setMedia(this.#source.media);
    } catch {
      // The match works without; what is wrong shows when the call is made.
      peer?.close();
      return;
    }
    if (this.#closed) {
      peer.close();
      return;
    }
    this.#peer = peer;
    this.#expireIn(MOST_AGE_MS);
  }

  #expireIn(ms: number): void {
    this.#timer = setTimeout(() => {
      if (this.#held) this.#expireIn(PATIENCE_MS);
      else this.discard();
    }, ms);
  }

  #usable(peer: Peer): boolean {
    if (this.#held) return true;
    return peer.relayOnly === this.relayOnly && Date.now() - peer.createdMs < MOST_AGE_MS;
  }
}
