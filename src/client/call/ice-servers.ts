import { durationMs } from "@bufbuild/protobuf/wkt";
import type { IceServer } from "../gen/satoshigle/v1/signal_pb.js";
import { sleep } from "../connection/timers.js";
import { toSatoshigleError } from "../connection/error-mapping.js";

/** Credentials that expire sooner are not used for a new call, which may gather for a while. */
const EXPIRY_MARGIN_MS = 120_000;
/** The longest time that a call waits for credentials: most calls connect without a relay. */
const REFRESH_TIMEOUT_MS = 1_500;
/** The pause after a failed request for credentials. */
const FAILURE_PAUSE_MS = 10_000;

/**
 * The STUN and TURN servers to gather with. Credentials for TURN arrive with each match; between matches they are
 * requested if the server has a relay and the current ones are about to expire.
 */
export class IceServers {
  readonly #fetch: () => Promise<IceServer[]>;
  #allServers: RTCIceServer[] = [];
  /** Until when the credentials can be used for a new call; 0 for none. */
  #freshUntilMs = 0;
  #relayAvailable = false;
  #refreshing: Promise<void> | undefined;
  #nextRefreshMs = 0;

  constructor(fetch: () => Promise<IceServer[]> = () => Promise.resolve([])) {
    this.#fetch = fetch;
  }

  /** The usable servers. Without fresh credentials they do not include the relay. */
  get servers(): RTCIceServer[] {
    return this.#isFresh ? this.#allServers : this.#allServers.filter(({ credential }) => credential === undefined);
  }

  /** Whether there are fresh credentials for a relay. */
  get hasRelay(): boolean {
    return this.#isFresh;
  }

  /** Whether the server has a relay for which there are no fresh credentials. */
  get needsCredentials(): boolean {
    return this.#relayAvailable && !this.#isFresh;
  }

  /** Adopts the servers of a new stream, unless the current credentials are fresh. */
  welcome(servers: IceServer[], relayAvailable: boolean): void {
    this.#relayAvailable = relayAvailable;
    if (!this.#isFresh) this.update(servers);
  }

  /** Adopts servers, with credentials or without. */
  update(servers: IceServer[]): void {
    if (servers.length === 0) return;
    this.#allServers = toRtcIceServers(servers);
    const lifetimes = servers.flatMap(({ lifetime }) => (lifetime ? [durationMs(lifetime)] : []));
    this.#freshUntilMs = lifetimes.length > 0 ? Date.now() + Math.min(...lifetimes) - EXPIRY_MARGIN_MS : 0;
  }

  /** Requests credentials if needed. Resolves when they arrived or a timeout has passed; never rejects. */
  async refresh(): Promise<void> {
    if (!this.needsCredentials || Date.now() < this.#nextRefreshMs) return;
    this.#refreshing ??= this.#renew().finally(() => (this.#refreshing = undefined));
    await Promise.race([this.#refreshing, sleep(REFRESH_TIMEOUT_MS)]);
  }

  async #renew(): Promise<void> {
    try {
      this.update(await this.#fetch());
    } catch (error) {
      this.#nextRefreshMs = Date.now() + Math.max(toSatoshigleError(error).retryAfterMs ?? 0, FAILURE_PAUSE_MS);
    }
  }

  get #isFresh(): boolean {
    return Date.now() < this.#freshUntilMs;
  }
}

function toRtcIceServers(servers: IceServer[]): RTCIceServer[] {
  return servers
    .filter((server) => server.urls.length > 0)
    .map(({ urls, username, credential }) => (username ? { urls, username, credential } : { urls }));
}
