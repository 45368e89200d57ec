import http2 from "node:http2";
import type net from "node:net";
import { limits } from "../core/limits.js";
import { onReadTimeout } from "./read-timeout.js";
import type { ServedConnection } from "./socket-limit.js";
import { abortUpload } from "./request-reader.js";
import { SilentClients } from "./silent-clients.js";

type Handler = (request: http2.Http2ServerRequest, response: http2.Http2ServerResponse) => void;

/** Limits for a connection. They are higher for a trusted proxy, whose connection serves many clients. */
interface Allowance {
  /** Maximum concurrent streams. */
  streams: number;
  /** Maximum memory for all streams, in megabytes. */
  memory: number;
  /** Token bucket for streams that end without a response. */
  resets: { burst: number; perSecond: number };
}

const CLIENT_ALLOWANCE: Allowance = { streams: 32, memory: 4, resets: { burst: 100, perSecond: 10 } };
const PROXY_ALLOWANCE: Allowance = { streams: 1_000, memory: 64, resets: { burst: 5_000, perSecond: 500 } };

/** Time limit for the first stream of a connection, in milliseconds. Other frames do not extend it. */
const FIRST_STREAM_MS = 10_000;
/** Time limit for a client to close the connection after GOAWAY, in milliseconds. */
const CLOSE_MS = 1_000;

const { NGHTTP2_ENHANCE_YOUR_CALM, NGHTTP2_NO_ERROR } = http2.constants;

/** Serves HTTP/2 connections. */
export interface Http2 {
  accept(socket: net.Socket, fromProxy: boolean): ServedConnection;
  /** Closes every connection once its streams have ended. */
  close(): void;
  destroy(): void;
}

export interface Http2Settings {
  /** How long a connection stays open after its last stream, in milliseconds. */
  keepAliveMs: number;
  /** How often each client must answer a ping, in milliseconds; undefined for never. */
  pingMs?: number | undefined;
}

export function createHttp2(handler: Handler, { keepAliveMs, pingMs }: Http2Settings): Http2 {
  const sessions = new Set<http2.ServerHttp2Session>();
  const silent = pingMs === undefined ? undefined : new SilentClients(pingMs);
  const [clientServer, proxyServer] = [CLIENT_ALLOWANCE, PROXY_ALLOWANCE].map((allowance) => {
    const server = createServer(handler, allowance);
    server.on("session", (session) => {
      sessions.add(session);
      session.once("close", () => sessions.delete(session));
      limitResets(session, allowance);
      silent?.watch(session);
    });
    return server;
  });
  return {
    accept: (socket, fromProxy) => {
      socket.allowHalfOpen = false; // set by the HTTP/1.1 server; a client's FIN would not close the connection
      const server = fromProxy ? proxyServer : clientServer;
      const connections: ServedConnection[] = [];
      const guard = (session: http2.ServerHttp2Session) => {
        connections.push(closeIdle(session, socket, keepAliveMs));
      };
      server?.once("session", guard).emit("connection", socket);
      server?.off("session", guard);
      const [connection = { isIdle: () => false, close: () => socket.destroy() }] = connections;
      return connection;
    },
    close: () => {
      for (const session of sessions) session.close();
    },
    destroy: () => {
      for (const session of sessions) session.destroy();
    },
  };
}

function createServer(handler: Handler, { streams, memory, resets }: Allowance): http2.Http2Server {
  const options = {
    maxSessionMemory: memory,
    maxHeaderListPairs: limits.headers,
    maxSessionInvalidFrames: 50,
    // Since Node.js 22, a reset stream counts as open until all frames of the same read are processed, so a burst of
    // permitted resets can cause as many rejections.
    maxSessionRejectedStreams: resets.burst,
    settings: { maxConcurrentStreams: streams, enablePush: false, maxHeaderListSize: limits.headerBytes },
  };
  const server = http2.createServer(options, unlessReset(handler)).on("sessionError", () => {
    // The connection is closed; each stream reports this separately.
  });
  return server.on("connect", unlessReset(refuseWith(405))).on("checkExpectation", unlessReset(refuseWith(417)));
}

/** Rejects requests that Node.js would otherwise answer itself, leaving the stream open until the client closes it. */
function refuseWith(status: 405 | 417): Handler {
  return (request, response) => {
    abortUpload(request, response);
    request.resume();
    response.writeHead(status);
    response.end();
  };
}

/**
 * Defers a request until all frames of the same read are processed. A request that was reset in the same read is
 * dropped; it ends without a response and therefore counts as a reset.
 */
function unlessReset(handler: Handler): Handler {
  return (request, response) => {
    setImmediate(() => {
      if (!request.stream.destroyed && !request.stream.aborted) handler(request, response);
    });
  };
}

/**
 * Destroys a connection on which too many streams end without a response, regardless of which side ends them. A client
 * can open and reset streams at little cost (CVE-2023-44487), or make the server reset them with invalid frames
 * (CVE-2025-8671).
 */
function limitResets(session: http2.ServerHttp2Session, { streams, resets: { burst, perSecond } }: Allowance): void {
  let [left, atMs] = [burst, performance.now()];
  const spend = () => {
    const nowMs = performance.now();
    left = Math.min(burst, left + ((nowMs - atMs) / 1000) * perSecond) - 1;
    atMs = nowMs;
    if (left >= 0) return;
    session.removeAllListeners("stream"); // Node.js still emits the other streams of the same read
    session.destroy(undefined, NGHTTP2_ENHANCE_YOUR_CALM);
  };
  let opened = 0;
  session.prependListener("stream", (stream) => {
    if (opened++ === 0) setImmediate(() => (opened = 0));
    let isCounted = opened > streams; // above the limit, so earlier streams were reset; their events come late
    if (isCounted) spend();
    const check = () => {
      if (isCounted || (!stream.aborted && stream.rstCode === NGHTTP2_NO_ERROR)) return;
      isCounted = true;
      spend();
    };
    stream.once("aborted", check).once("close", check);
    check(); // a stream that is already reset emits no further events
  });
}

/**
 * Closes a connection that has no stream for too long. Other frames, such as endless headers, do not keep it open, and
 * before its first stream it has little time.
 */
function closeIdle(session: http2.ServerHttp2Session, socket: net.Socket, keepAliveMs: number): ServedConnection {
  let [open, isUsed] = [0, false];
  let cancel: () => void;
  const close = () => {
    session.close();
    cancel = onReadTimeout(CLOSE_MS, () => socket.destroy());
  };
  const wait = (idleMs: number) => {
    cancel = onReadTimeout(idleMs, close);
  };
  wait(FIRST_STREAM_MS);
  session.prependListener("stream", (stream) => {
    isUsed = true;
    if (open++ === 0) cancel();
    stream.once("close", () => {
      if (--open === 0 && !socket.destroyed) wait(keepAliveMs);
    });
  });
  socket.once("close", () => {
    cancel();
  });
  const closeNow = () => {
    cancel();
    close();
  };
  return { isIdle: () => isUsed && open === 0, close: closeNow };
}
