import type http from "node:http";
import type net from "node:net";
import { addressHost } from "../core/address.js";
import { NetworkCount } from "../core/network-count.js";

/** Maximum TLS handshakes per host and minute, for each permitted connection. One takes about 1 ms of CPU time. */
const HANDSHAKES_PER_CONNECTION = 10;

/** A connection whose protocol is known. */
export interface ServedConnection {
  /** Whether its last request was answered, and none is open. */
  isIdle(): boolean;
  close(): void;
}

export interface SocketLimitSettings {
  /** Maximum open connections per host. Wider networks have higher limits (`shareOf`). */
  maxPerHost: number;
  hasTls: boolean;
  /** Connections from a trusted proxy serve many clients, and are not limited. */
  isTrustedProxy: (address: string) => boolean;
}

/**
 * Limits the concurrent connections of a network and, with TLS, its new connections per minute, because handshakes are
 * expensive. At the limit, a new connection takes the place of one of the same host that is idle: browsers keep theirs
 * for minutes, and those of people who left would keep others out.
 */
export class SocketLimit {
  readonly #open: NetworkCount;
  readonly #mayHandshake: (host: string) => boolean;
  /** The connections in use, by host; the oldest first. */
  readonly #served = new Map<string, Map<net.Socket, ServedConnection>>();

  constructor(private readonly settings: SocketLimitSettings) {
    const { maxPerHost, hasTls } = settings;
    this.#open = new NetworkCount(maxPerHost);
    this.#mayHandshake = hasTls ? countHandshakes(maxPerHost * HANDSHAKES_PER_CONNECTION) : () => true;
  }

  /** Makes a server drop the connections beyond the limits before it reads from them. */
  limit(front: http.Server): void {
    const serve = front.listeners("connection") as ((socket: net.Socket) => void)[];
    front.removeAllListeners("connection").on("connection", (socket: net.Socket) => {
      if (!this.#isAdmitted(socket)) socket.destroy();
      else for (const listener of serve) listener.call(front, socket);
    });
  }

  /** Makes an admitted connection one that may be closed while it is idle. */
  add(socket: net.Socket, connection: ServedConnection): void {
    const { remoteAddress = "" } = socket;
    if (this.settings.isTrustedProxy(remoteAddress)) return;
    const host = addressHost(remoteAddress);
    const served = this.#served.get(host) ?? new Map<net.Socket, ServedConnection>();
    this.#served.set(host, served.set(socket, connection));
    socket.once("close", () => {
      served.delete(socket);
      if (served.size === 0 && this.#served.get(host) === served) this.#served.delete(host);
    });
  }

  #isAdmitted(socket: net.Socket): boolean {
    const { remoteAddress = "" } = socket;
    if (this.settings.isTrustedProxy(remoteAddress)) return true;
    const host = addressHost(remoteAddress);
    if ((this.#open.isFull(host) && !this.#closeIdle(host)) || !this.#mayHandshake(host)) return false;
    this.#open.add(host);
    socket.once("close", () => {
      this.#open.remove(host);
    });
    return true;
  }

  /** Closes an idle connection of a host. Returns false if it has none. */
  #closeIdle(host: string): boolean {
    const served = this.#served.get(host);
    for (const [socket, connection] of served ?? []) {
      if (!connection.isIdle()) continue;
      served?.delete(socket); // it counts until it is closed, and must not be chosen again
      connection.close();
      return true;
    }
    return false;
  }
}

/** Returns a function that counts a host's handshakes and reports whether another is allowed in the current minute. */
function countHandshakes(maxPerHost: number): (host: string) => boolean {
  let [counts, endMs] = [new NetworkCount(maxPerHost), 0];
  return (host) => {
    const nowMs = performance.now();
    if (nowMs >= endMs) [counts, endMs] = [new NetworkCount(maxPerHost), nowMs + 60_000];
    if (counts.isFull(host)) return false;
    counts.add(host);
    return true;
  };
}
