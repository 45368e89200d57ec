import http2 from "node:http2";
import type net from "node:net";
import { limits } from "../core/limits.js";
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

/** Idle timeout of a connection without streams, in milliseconds. Other frames do not extend it. */
const IDLE_MS = 10_000;
/** Time limit for a client to close the connection after GOAWAY, in milliseconds. */
const CLOSE_MS = 1_000;

const { NGHTTP2_ENHANCE_YOUR_CALM, NGHTTP2_NO_ERROR } = http2.constants;

/** Serves HTTP/2 connections. */
export interface Http2 {
  accept(socket: net.Socket, fromProxy: boolean): void;
  /** Closes every connection once its streams have ended. */
  close(): void;
  destroy(): void;
}

/** @param pingMs how often each client must answer a ping; undefined for never */
export function createHttp2(handler: Handler, pingMs?: number): Http2 {
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
      const guard = (session: http2.ServerHttp2Session) => {
        closeIdle(session, socket);
      };
      server?.once("session", guard).emit("connection", socket);
      server?.off("session", guard);
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
    maxHeaderListPairs: 64,
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
 * Closes a connection after `IDLE_MS` without a stream. Other frames, such as endless headers, do not keep it open.
 */
function closeIdle(session: http2.ServerHttp2Session, socket: net.Socket): void {
  let open = 0;
  let timer: NodeJS.Timeout;
  const wait = () => {
    timer = setTimeout(() => {
      session.close();
      timer = setTimeout(() => socket.destroy(), CLOSE_MS);
    }, IDLE_MS);
  };
  wait();
  session.prependListener("stream", (stream) => {
    if (open++ === 0) clearTimeout(timer);
    stream.once("close", () => {
      if (--open === 0 && !socket.destroyed) wait();
    });
  });
  socket.once("close", () => {
    clearTimeout(timer);
  });
}
