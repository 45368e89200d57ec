import http from "node:http";
import https from "node:https";
import type net from "node:net";
import { addressHost } from "../core/address.js";
import { limits } from "../core/limits.js";
import { NetworkCount } from "../core/network-count.js";
import { createHttp2, type Http2 } from "./http2.js";

export interface ServerSettings {
  /** Certificate and key in PEM, and who must have signed those of clients, if they need one; undefined for cleartext. */
  tls: { cert: string; key: string; clientCa?: string | undefined } | undefined;
  /** Open connections per host; wider networks may have more (`shareOf`). */
  maxConnectionsPerHost: number;
  /** Connections of a trusted proxy carry many people: they are not counted, and each may do more. */
  isTrustedProxy: (address: string) => boolean;
}

type Handler = (request: http.IncomingMessage, response: http.ServerResponse) => void;

/** What every HTTP/2 connection begins with (RFC 9113, 3.4). */
const PREFACE = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
/** How long a connection may take to show which protocol it speaks, in milliseconds. */
const PREFACE_MS = 5_000;
/** How long a TLS handshake may take, in milliseconds. */
const HANDSHAKE_MS = 5_000;
/** Handshakes that a host may begin in a minute, for each connection that it may have open: one takes about a millisecond. */
const HANDSHAKES_PER_CONNECTION = 10;
/** Responses that may wait for an earlier one of their connection. */
const MAX_WAITING = 8;
/** How long connections may finish what they do when the server closes, in milliseconds. */
const CLOSE_MS = 1_000;

const h1Options = {
  headersTimeout: 5_000,
  requestTimeout: 10_000,
  keepAliveTimeout: 10_000,
  connectionsCheckingInterval: 1_000,
  maxHeaderSize: limits.headerBytes,
} satisfies http.ServerOptions;

/**
 * One port for HTTP/1.1 and HTTP/2. With TLS the client chooses by ALPN (RFC 7301); in cleartext the first bytes tell:
 * HTTP/2 with prior knowledge begins with a fixed preface that no HTTP/1.1 request begins with.
 */
export function createServer(handler: Handler, settings: ServerSettings): http.Server {
  const { tls } = settings;
  const front = tls ? https.createServer({ ...h1Options, ...tlsOptions(tls) }) : http.createServer(h1Options);
  front.on("request", (request, response) => {
    if (maySpeak(request, response)) handler(request, response);
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

/** Tells the protocols apart by their first bytes, which the one chosen then finds in the socket as if unread. */
function sniff(socket: net.Socket, asH1: (socket: net.Socket) => void, asH2: (socket: net.Socket) => void): void {
  let head = Buffer.alloc(0);
  const drop = () => {
    socket.destroy();
  };
  const timer = setTimeout(drop, PREFACE_MS);
  const settle = () => {
    clearTimeout(timer);
    socket.off("data", look).off("error", drop).off("end", drop).off("close", settle);
  };
  const look = (chunk: Buffer) => {
    head = Buffer.concat([head, chunk]);
    const length = Math.min(head.length, PREFACE.length);
    const isH2 = head.subarray(0, length).equals(PREFACE.subarray(0, length));
    if (isH2 && length < PREFACE.length) return;
    settle();
    socket.pause();
    socket.unshift(head);
    if (isH2) {
      asH2(socket); // reads what is buffered by itself; resuming the socket would lose it
    } else {
      asH1(socket);
      socket.resume();
    }
  };
  socket.on("data", look).on("error", drop).on("end", drop).on("close", settle);
}

/** Lets only so many connections of a network in: at a time, and with TLS, whose handshakes are dear, in a minute. */
function countConnections(front: http.Server, settings: ServerSettings): void {
  const { tls, maxConnectionsPerHost, isTrustedProxy } = settings;
  const open = new NetworkCount(maxConnectionsPerHost);
  const isInTime = tls === undefined ? () => true : countHandshakes(maxConnectionsPerHost * HANDSHAKES_PER_CONNECTION);
  const isLetIn = (socket: net.Socket) => {
    const address = socket.remoteAddress ?? "";
    if (isTrustedProxy(address)) return true;
    const host = addressHost(address);
    if (open.isFull(host) || !isInTime(host)) return false;
    open.add(host);
    socket.once("close", () => {
      open.remove(host);
    });
    return true;
  };
  const serve = front.listeners("connection") as ((socket: net.Socket) => void)[];
  front.removeAllListeners("connection").on("connection", (socket: net.Socket) => {
    if (isLetIn(socket))
      serve.forEach((listener) => {
        listener.call(front, socket);
      });
    else socket.destroy();
  });
}

/** Whether a host may begin another handshake in this minute. */
function countHandshakes(maxPerHost: number): (host: string) => boolean {
  let [begun, endMs] = [new NetworkCount(maxPerHost), 0];
  return (host) => {
    const nowMs = performance.now();
    if (nowMs >= endMs) [begun, endMs] = [new NetworkCount(maxPerHost), nowMs + 60_000];
    if (begun.isFull(host)) return false;
    begun.add(host);
    return true;
  };
}

/** Responses of each connection that wait for an earlier one. */
const waiting = new WeakMap<net.Socket, number>();

/**
 * Whether a request may be handled. No browser sends a request before it has the answer to the one before (pipelining);
 * whoever does must not have us prepare a thousand answers out of one read, each with a file or a stream open for it.
 *
 * A response that waits learns from Node.js that the connection is closed only once its turn has come, which then never
 * does: a stream would stay open for good.
 */
function maySpeak({ socket }: http.IncomingMessage, response: http.ServerResponse): boolean {
  if (response.socket !== null) return true;
  const count = (waiting.get(socket) ?? 0) + 1;
  if (count > MAX_WAITING) socket.destroy();
  if (socket.destroyed) return false; // Node.js goes on with all that one read brought
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

/** Closing the front also closes the HTTP/2 connections, which `http.Server` knows nothing of, and ends what hangs. */
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
