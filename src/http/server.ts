import http from "node:http";
import https from "node:https";
import type net from "node:net";
import { limits } from "../core/limits.js";
import { Crowds } from "./crowds.js";
import { type ServedConnection, SocketLimit } from "./socket-limit.js";
import { createHttp2, type Http2 } from "./http2.js";
import { onReadTimeout } from "./read-timeout.js";
import { HAS_HTTP2, refuseHttp2 } from "./runtime.js";

export interface ServerSettings {
  /** PEM certificate and key, and the CA for client certificates if they are required; undefined for cleartext. */
  tls: { cert: string; key: string; clientCa?: string | undefined } | undefined;
  /** Maximum open connections per host. Wider networks have higher limits (`shareOf`). */
  maxConnectionsPerHost: number;
  /** Connections from a trusted proxy serve many clients: they are not counted and have higher limits. */
  isTrustedProxy: (address: string) => boolean;
  /** How long a connection without requests stays open, in milliseconds. */
  keepAliveMs: number;
  /** How often HTTP/2 clients must answer a ping, in milliseconds; undefined for never. */
  pingMs?: number;
}

type Handler = (request: http.IncomingMessage, response: http.ServerResponse) => void;

/** The preface of every HTTP/2 connection (RFC 9113, 3.4). */
const PREFACE = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
/** Time limit for receiving the bytes that identify the protocol of a connection, in milliseconds. */
const PREFACE_MS = 5_000;
/** Time limit for a TLS handshake, in milliseconds. */
const HANDSHAKE_MS = 5_000;
/** Maximum pipelined responses per connection that wait for an earlier one. */
const MAX_WAITING = 8;
/** Time limit for open requests to finish when the server closes, in milliseconds. */
const CLOSE_MS = 1_000;

const h1Options = {
  headersTimeout: 5_000,
  requestTimeout: 10_000,
  connectionsCheckingInterval: 1_000,
  maxHeaderSize: limits.headerBytes,
} satisfies http.ServerOptions;

/**
 * Serves HTTP/1.1 and HTTP/2 on one port. With TLS, the protocol is negotiated by ALPN (RFC 7301). In cleartext, it is
 * detected: HTTP/2 with prior knowledge starts with a preface that no valid HTTP/1.1 request starts with.
 */
export function createServer(handler: Handler, settings: ServerSettings): http.Server {
  const { tls, keepAliveMs, maxConnectionsPerHost: maxPerHost, isTrustedProxy } = settings;
  const options = { ...h1Options, keepAliveTimeout: keepAliveMs };
  const front = tls ? https.createServer({ ...options, ...tlsOptions(tls) }) : http.createServer(options);
  const latest = new WeakMap<net.Socket, http.ServerResponse>();
  front.on("request", (request, response) => {
    latest.set(request.socket, response);
    if (mayHandle(request, response)) handler(request, response);
  });
  const socketLimit = new SocketLimit({ maxPerHost, hasTls: tls !== undefined, isTrustedProxy });
  const isIdle = (socket: net.Socket) => latest.get(socket)?.writableFinished === true;
  const crowds = new Crowds();
  const h2 = HAS_HTTP2 ? addHttp2(front, handler, { ...settings, socketLimit, crowds, isIdle }) : undefined;
  if (h2 === undefined) refuseHttp2(front);
  crowds.paceBeginnings(front);
  socketLimit.limit(front);
  closeTogether(front, h2);
  return front;
}

class Http1Connection implements ServedConnection {
  constructor(
    private readonly socket: net.Socket,
    private readonly hasAnswered: (socket: net.Socket) => boolean,
  ) {}

  isIdle(): boolean {
    return this.hasAnswered(this.socket);
  }

  close(): void {
    this.socket.destroy();
  }
}

interface FrontSettings extends ServerSettings {
  socketLimit: SocketLimit;
  crowds: Crowds;
  /** Whether all requests of an HTTP/1.1 connection have been answered. */
  isIdle: (socket: net.Socket) => boolean;
}

/** Passes each connection to the server for its protocol. */
function addHttp2(front: http.Server, handler: Handler, settings: FrontSettings): Http2 {
  const { tls, isTrustedProxy, keepAliveMs, pingMs, socketLimit, crowds, isIdle } = settings;
  const h2 = createHttp2(handler as unknown as Parameters<typeof createHttp2>[0], { keepAliveMs, pingMs });
  const event = tls ? "secureConnection" : "connection";
  const serveH1 = front.listeners(event) as ((socket: net.Socket) => void)[];
  front.removeAllListeners(event);
  const asH1 = (socket: net.Socket) => {
    socketLimit.add(socket, new Http1Connection(socket, isIdle));
    serveH1.forEach((serve) => {
      serve.call(front, socket);
    });
    crowds.paceEnding(socket);
  };
  const asH2 = (socket: net.Socket) => {
    socketLimit.add(socket, h2.accept(socket, isTrustedProxy(socket.remoteAddress ?? "")));
  };
  front.on(event, (socket: net.Socket & { alpnProtocol?: string }) => {
    if (!tls) sniff(socket, asH1, asH2);
    else if (socket.alpnProtocol === "h2") asH2(socket);
    else asH1(socket);
  });
  return h2;
}

function tlsOptions({ cert, key, clientCa }: NonNullable<ServerSettings["tls"]>): https.ServerOptions {
  const mutual = clientCa !== undefined && { ca: clientCa, requestCert: true, rejectUnauthorized: true };
  const ALPNProtocols = HAS_HTTP2 ? ["h2", "http/1.1"] : ["http/1.1"];
  return { cert, key, ALPNProtocols, handshakeTimeout: HANDSHAKE_MS, ...mutual };
}

/** Detects the protocol from the first bytes and returns them to the socket for the selected server. */
function sniff(socket: net.Socket, asH1: (socket: net.Socket) => void, asH2: (socket: net.Socket) => void): void {
  let head = Buffer.alloc(0);
  const drop = () => {
    socket.destroy();
  };
  const cancel = onReadTimeout(PREFACE_MS, drop);
  const settle = () => {
    cancel();
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

/** The number of pipelined responses per connection that wait for an earlier one. */
const waiting = new WeakMap<net.Socket, number>();

/**
 * Returns whether a request may be handled. Browsers do not pipeline requests; without a limit, other clients could
 * make the server prepare thousands of responses from one read, each with an open file or stream.
 *
 * Node.js notifies a waiting response of a closed connection only when its turn comes, which then never happens. A
 * stream would stay open forever, so this function emits `close` itself.
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
 * Extends `front.close` to the HTTP/2 connections, which `http.Server` does not track, and destroys connections that
 * are still open after `CLOSE_MS`.
 */
function closeTogether(front: http.Server, h2: Http2 | undefined): void {
  const close = front.close.bind(front);
  front.close = (done?: (error?: Error) => void) => {
    h2?.close();
    setTimeout(() => {
      h2?.destroy();
      front.closeAllConnections();
    }, CLOSE_MS).unref();
    return close(done);
  };
}
