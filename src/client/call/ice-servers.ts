import type { IceServer } from "../gen/satoshigle/v1/signal_pb.js";
import { sleep } from "../connection/timers.js";
import { toSatoshigleError } from "../connection/error-mapping.js";
import { durationMs, toIceServers } from "../connection/codec.js";

/** Credentials that end within this long are not begun with, in milliseconds: a call may gather for a while. */
const MARGIN_MS = 120_000;
/** Nobody waits for credentials longer than this, in milliseconds: without, most calls come about as well. */
const PATIENCE_MS = 1_500;
/** After a call that failed, none is made for this long, in milliseconds. */
const PAUSE_MS = 10_000;

/**
 * The STUN and TURN servers to gather with. Credentials for TURN come with each match; in between they are asked for,
 * when there is a relay and those at hand are about to end.
 */
export class IceServers {
  readonly #ask: () => Promise<IceServer[]>;
  #servers: RTCIceServer[] = [];
  /** Until when the credentials at hand are good to begin with; 0 for none. */
  #freshUntilMs = 0;
  #relayAvailable = false;
  #asking: Promise<void> | undefined;
  #notBeforeMs = 0;

  constructor(ask: () => Promise<IceServer[]> = () => Promise.resolve([])) {
    this.#ask = ask;
  }

  /** What can be gathered with at once. Without fresh credentials the relay is not among them. */
  get atHand(): RTCIceServer[] {
    return this.#isFresh ? this.#servers : this.#servers.filter(({ credential }) => credential === undefined);
  }

  /** There are fresh credentials for a relay. */
  get hasRelay(): boolean {
    return this.#isFresh;
  }

  /** There is a relay, and the credentials for it are no longer good, or not there yet. */
  get needsCredentials(): boolean {
    return this.#relayAvailable && !this.#isFresh;
  }

  /** A stream opened. Credentials that are still good stay. */
  welcome(servers: IceServer[], relayAvailable: boolean): void {
    this.#relayAvailable = relayAvailable;
    if (!this.#isFresh) this.take(servers);
  }

  /** The server gave these, with credentials or without. */
  take(servers: IceServer[]): void {
    if (servers.length === 0) return;
    this.#servers = toIceServers(servers);
    const lifetimes = servers.flatMap(({ lifetime }) => (lifetime ? [durationMs(lifetime)] : []));
    this.#freshUntilMs = lifetimes.length > 0 ? Date.now() + Math.min(...lifetimes) - MARGIN_MS : 0;
  }

  /** Resolves when the servers at hand are as good as they get, at once where that takes no call. Never rejects. */
  async refresh(): Promise<void> {
    if (!this.needsCredentials || Date.now() < this.#notBeforeMs) return;
    this.#asking ??= this.#renew().finally(() => (this.#asking = undefined));
    await Promise.race([this.#asking, sleep(PATIENCE_MS)]);
  }

  async #renew(): Promise<void> {
    try {
      this.take(await this.#ask());
    } catch (error) {
      this.#notBeforeMs = Date.now() + Math.max(toSatoshigleError(error).retryAfterMs ?? 0, PAUSE_MS);
    }
  }

  get #isFresh(): boolean {
    return Date.now() < this.#freshUntilMs;
  }
}
