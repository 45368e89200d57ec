import http from "node:http";
import https from "node:https";
import type net from "node:net";
import { addressHost } from "../core/address.js";
import { limits } from "../core/limits.js";
import { NetworkCount } from "../core/network-count.js";
import { createHttp2, type Http2 } from "./http2.js";

export interface ServerSettings {
  /** Certificate and key in PEM, and the CA of client certificates if they are required; undefined for cleartext. */
  tls: { cert: string; key: string; clientCa?: string | undefined } | undefined;
  /** Open connections per host; wider networks may have more (`shareOf`). */
  maxConnectionsPerHost: number;
  /** Connections of a trusted proxy carry many clients: they are not counted, and have higher limits. */
  isTrustedProxy: (address: string) => boolean;
}

type Handler = (request: http.IncomingMessage, response: http.ServerResponse) => void;

/** The preface of every HTTP/2 connection (RFC 9113, 3.4). */
const PREFACE = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
/** How long a connection may take to send enough to detect its protocol, in milliseconds. */
const PREFACE_MS = 5_000;
/** How long a TLS handshake may take, in milliseconds. */
const HANDSHAKE_MS = 5_000;
/** Handshakes per host and minute, for each connection it may have open. One takes about a millisecond of CPU. */
const HANDSHAKES_PER_CONNECTION = 10;
/** Pipelined responses that may wait for an earlier one of their connection. */
const MAX_WAITING = 8;
/** How long open requests may take to finish when the server closes, in milliseconds. */
const CLOSE_MS = 1_000;

const h1Options = {
  headersTimeout: 5_000,
  requestTimeout: 10_000,
  keepAliveTimeout: 10_000,
  connectionsCheckingInterval: 1_000,
  maxHeaderSize: limits.headerBytes,
} satisfies http.ServerOptions;

/**
 * Serves HTTP/1.1 and HTTP/2 on one port. With TLS the client chooses by ALPN (RFC 7301). In cleartext the protocol is
 * detected: HTTP/2 with prior knowledge begins with a preface that no HTTP/1.1 request begins with.
 */
export function createServer(handler: Handler, settings: ServerSettings): http.Server {
  const { tls } = settings;
  const front = tls ? https.createServer({ ...h1Options, ...tlsOptions(tls) }) : http.createServer(h1Options);
  front.on("request", (request, response) => {
    if (mayHandle(request, response)) handler(request, response);
  });
  const h2 = createHttp2(handler as unknown as Parameters<typeof createHttp2>[0]);
  const event = tls ? "secureConnection" : "connection";
  const serveH1 = front.listeners(event) as ((socket: net.Socket) => void)[];
  front.removeAllListeners(event);
  const asH1 = (socket: net.Socket) => {
    serveH1.forEach((serve) => {
      serve.call(front, socket);
    });
  };
  const asH2 = (socket: net.Socket) => {
    h2.accept(socket, settings.isTrustedProxy(socket.remoteAddress ?? ""));
  };
  front.on(event, (socket: net.Socket & { alpnProtocol?: string }) => {
    if (!tls) sniff(socket, asH1, asH2);
    else if (socket.alpnProtocol === "h2") asH2(socket);
    else asH1(socket);
  });
  countConnections(front, settings);
  closeTogether(front, h2);
  return front;
}

function tlsOptions({ cert, key, clientCa }: NonNullable<ServerSettings["tls"]>): https.ServerOptions {
  const mutual = clientCa !== undefined && { ca: clientCa, requestCert: true, rejectUnauthorized: true };
  return { cert, key, ALPNProtocols: ["h2", "http/1.1"], handshakeTimeout: HANDSHAKE_MS, ...mutual };
}

/** Detects the protocol by the first bytes, and puts them back for the server that is chosen. */
function sniff(socket: net.Socket, asH1: (socket: net.Socket) => void, asH2: (socket: net.Socket) => void): void {
  let head = Buffer.alloc(0);
  const drop = () => {
    socket.destroy();
  };
  const timer = setTimeout(drop, PREFACE_MS);
  const settle = () => {
    clearTimeout(timer);
    socket.off("data", detect).off("error", drop).off("end", drop).off("close", settle);
  };
  const detect = (chunk: Buffer) => {
    head = Buffer.concat([head, chunk]);
    const length = Math.min(head.length, PREFACE.length);
    const isH2 = head.subarray(0, length).equals(PREFACE.subarray(0, length));
    if (isH2 && length < PREFACE.length) return;
    settle();
    socket.pause();
    socket.unshift(head);
    if (isH2) {
      asH2(socket); // reads the buffered bytes itself; resuming the socket would lose them
    } else {
      asH1(socket);
      socket.resume();
    }
  };
  socket.on("data", detect).on("error", drop).on("end", drop).on("close", settle);
}

/**
 * Limits the connections of a network: concurrent ones, and with TLS new ones per minute, as handshakes are expensive.
 */
function countConnections(front: http.Server, settings: ServerSettings): void {
  const { tls, maxConnectionsPerHost, isTrustedProxy } = settings;
  const open = new NetworkCount(maxConnectionsPerHost);
  const mayHandshake =
    tls === undefined ? () => true : countHandshakes(maxConnectionsPerHost * HANDSHAKES_PER_CONNECTION);
  const isAdmitted = (socket: net.Socket) => {
    const address = socket.remoteAddress ?? "";
    if (isTrustedProxy(address)) return true;
    const host = addressHost(address);
    if (open.isFull(host) || !mayHandshake(host)) return false;
    open.add(host);
    socket.once("close", () => {
      open.remove(host);
    });
    return true;
  };
  const serve = front.listeners("connection") as ((socket: net.Socket) => void)[];
  front.removeAllListeners("connection").on("connection", (socket: net.Socket) => {
    if (isAdmitted(socket))
      serve.forEach((listener) => {
        listener.call(front, socket);
      });
    else socket.destroy();
  });
}

/** Returns a function that counts a host's handshakes and decides whether it may begin another in this minute. */
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

/** Pipelined responses of each connection that wait for an earlier one. */
const waiting = new WeakMap<net.Socket, number>();

/**
 * Whether a request may be handled. Browsers do not pipeline requests; a client that does must not make us prepare a
 * thousand answers from one read, each with a file or a stream open.
 *
 * Node.js tells a waiting response that its connection closed only when its turn comes, which never happens: a stream
 * would stay open forever. This closes it instead.
 */
function mayHandle({ socket }: http.IncomingMessage, response: http.ServerResponse): boolean {
  if (response.socket !== null) return true;
  const count = (waiting.get(socket) ?? 0) + 1;
  if (count > MAX_WAITING) socket.destroy();
  if (socket.destroyed) return false; // Node.js still emits the other requests of the same read
  waiting.set(socket, count);
  const close = () => {
    response.destroyed = true;
    response.emit("close");
  };
  socket.setMaxListeners(0).once("close", close);
  response.once("socket", () => {
    waiting.set(socket, (waiting.get(socket) ?? 1) - 1);
    socket.off("close", close);
  });
  return true;
}

/**
 * Makes closing the front also close the HTTP/2 connections, which `http.Server` does not know, and end those that
 * hang.
 */
function closeTogether(front: http.Server, h2: Http2): void {
  const close = front.close.bind(front);
  front.close = (done?: (error?: Error) => void) => {
    h2.close();
    setTimeout(() => {
      h2.destroy();
      front.closeAllConnections();
    }, CLOSE_MS).unref();
    return close(done);
  };
}
