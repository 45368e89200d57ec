import { durationMs } from "@bufbuild/protobuf/wkt";
import { toSatoshigleError } from "../connection/error-mapping.js";
import { sleep } from "../connection/timers.js";
import type { IceServer } from "../gen/satoshigle/v1/signal_pb.js";
import type { WarningCode } from "../types.js";
import { RefusedUrls } from "./refused-urls.js";

/** Credentials are renewed when this part of their lifetime is left, but not earlier than `MAX_MARGIN_MS` before its end. */
const MARGIN = 1 / 4;
const MAX_MARGIN_MS = 120_000;
/** Credentials are not used at the very end of their lifetime: clocks differ, and gathering takes a moment. */
const MAX_RESERVE_MS = 30_000;
const RESERVE = 1 / 20;
/** The longest time that a call waits for credentials: most calls connect without a relay. */
const REFRESH_TIMEOUT_MS = 1_500;
/** The same for a relayed call, which has no candidates without credentials. */
const RELAYED_REFRESH_TIMEOUT_MS = 5_000;
/** The pauses after a failed request for credentials: while the server cannot be reached, and after a refusal. */
const UNREACHABLE_PAUSE_MS = 1_000;
const REFUSAL_PAUSE_MS = 10_000;

export interface IceServersDependencies {
  fetch: () => Promise<IceServer[]>;
  /** Whether the person wants calls: otherwise no credentials are requested. */
  isWanted: () => boolean;
  /** Something is wrong with the servers. Called once for each URL, and once for everything else. */
  warn: (code: WarningCode, message: string) => void;
}

/**
 * The STUN and TURN servers to gather with. Credentials for TURN arrive with each match; while the person wants calls,
 * they are renewed by a call before they expire, so that a broken call can be restored even while the server cannot be
 * reached.
 */
export class IceServers {
  readonly #dependencies: IceServersDependencies;
  readonly #refusedUrls: RefusedUrls;
  #allServers: RTCIceServer[] = [];
  /** Until when the credentials need not be renewed; 0 for none. */
  #freshUntilMs = 0;
  /** Until when the credentials can be used to gather; 0 for none. */
  #validUntilMs = 0;
  #receivedMs = 0;
  #relayAvailable = false;
  #refreshing: Promise<void> | undefined;
  #nextRefreshMs = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #warned = new Set<WarningCode>();

  constructor(dependencies: IceServersDependencies) {
    this.#dependencies = dependencies;
    this.#refusedUrls = new RefusedUrls((url) => {
      const message = `This browser refuses the URL ${url} of a STUN or TURN server.`;
      dependencies.warn("ice_url_refused", message);
    });
  }

  /** The usable servers. Without valid credentials they do not include the relay. */
  get servers(): RTCIceServer[] {
    const servers = this.#refusedUrls.without(this.#allServers);
    return this.hasRelay ? servers : servers.filter(({ credential }) => credential === undefined);
  }

  /** Whether there are valid credentials for a relay. */
  get hasRelay(): boolean {
    return Date.now() < this.#validUntilMs;
  }

  /** Whether the server has a relay for which there are no fresh credentials. */
  get needsCredentials(): boolean {
    return this.#relayAvailable && Date.now() >= this.#freshUntilMs;
  }

  /** Until when candidates that are gathered now can be used; `Infinity` without a relay. */
  get validUntilMs(): number {
    return this.hasRelay ? this.#validUntilMs : Infinity;
  }

  /** Adopts the servers of a new stream, unless there are valid credentials. */
  welcome(servers: IceServer[], relayAvailable: boolean): void {
    this.#relayAvailable = relayAvailable;
    if (!this.hasRelay) this.update(servers);
  }

  /** Adopts servers, with credentials or without. */
  update(servers: IceServer[]): void {
    if (servers.length === 0) return;
    this.#allServers = toRtcIceServers(servers);
    const lifetimes = servers.flatMap(({ lifetime }) => (lifetime ? [durationMs(lifetime)] : []));
    const lifetimeMs = lifetimes.length > 0 ? Math.min(...lifetimes) : 0;
    this.#receivedMs = Date.now();
    this.#validUntilMs = this.#receivedMs + lifetimeMs - Math.min(MAX_RESERVE_MS, lifetimeMs * RESERVE);
    this.#freshUntilMs = this.#receivedMs + lifetimeMs - Math.min(MAX_MARGIN_MS, lifetimeMs * MARGIN);
    this.#renewInTime();
  }

  /**
   * Returns the servers to gather with. Valid credentials are returned at once, and renewed for the next time if they
   * expire soon; otherwise this waits for new ones, for a limited time. Never rejects.
   */
  async fresh(relayOnly = false): Promise<RTCIceServer[]> {
    const refreshed = this.refresh(relayOnly ? RELAYED_REFRESH_TIMEOUT_MS : REFRESH_TIMEOUT_MS);
    if (!this.hasRelay) await refreshed;
    return this.servers;
  }

  /** Requests credentials if needed. Resolves when they arrived or a timeout has passed; never rejects. */
  async refresh(timeoutMs = REFRESH_TIMEOUT_MS): Promise<void> {
    if (!this.needsCredentials || Date.now() < this.#nextRefreshMs) return;
    this.#refreshing ??= this.#renew().finally(() => (this.#refreshing = undefined));
    await Promise.race([this.#refreshing, sleep(timeoutMs)]);
  }

  /**
   * Passes the servers to the browser.
   * @param use called again without the URLs that the browser refuses, if it throws
   */
  apply<T>(use: (servers: RTCIceServer[]) => T): T {
    try {
      return use(this.servers);
    } catch (error) {
      if (!this.#refusedUrls.find(this.#allServers)) throw error;
      return use(this.servers);
    }
  }

  /** A TURN server did not accept the credentials with this user name. They are replaced before the next gathering. */
  credentialsRefused(username: string | undefined): void {
    if (!this.#allServers.some((server) => server.credential !== undefined && server.username === username)) return;
    // New ones would be refused as well.
    if (Date.now() < this.#receivedMs + REFUSAL_PAUSE_MS) this.#nextRefreshMs = this.#receivedMs + REFUSAL_PAUSE_MS;
    this.#validUntilMs = this.#freshUntilMs = 0;
    this.#warnOnce("turn_credentials_refused", "The TURN server refuses the credentials.");
  }

  /** A call that has to be relayed gathers without credentials. */
  relayMissing(): void {
    this.#warnOnce("relay_missing", "There are no credentials for a relay.");
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #renewInTime(): void {
    clearTimeout(this.#timer);
    if (this.#validUntilMs <= Date.now()) return;
    this.#timer = setTimeout(() => {
      if (this.#dependencies.isWanted()) void this.refresh();
    }, this.#freshUntilMs - Date.now());
  }

  async #renew(): Promise<void> {
    try {
      this.update(await this.#dependencies.fetch());
    } catch (reason) {
      const { code, retryAfterMs = 0 } = toSatoshigleError(reason);
      const pauseMs = code === "server_unreachable" ? UNREACHABLE_PAUSE_MS : REFUSAL_PAUSE_MS;
      this.#nextRefreshMs = Date.now() + Math.max(retryAfterMs, pauseMs);
    }
  }

  #warnOnce(code: WarningCode, message: string): void {
    if (this.#warned.has(code)) return;
    this.#warned.add(code);
    this.#dependencies.warn(code, message);
  }
}

function toRtcIceServers(servers: IceServer[]): RTCIceServer[] {
  return servers
    .filter((server) => server.urls.length > 0)
    .map(({ urls, username, credential }) => (username ? { urls, username, credential } : { urls }));
}
