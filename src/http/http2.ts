import http2 from "node:http2";
import type net from "node:net";
import { limits } from "../core/limits.js";
import { cutUpload } from "./request-reader.js";

type Handler = (request: http2.Http2ServerRequest, response: http2.Http2ServerResponse) => void;

/** What a connection may do. A trusted proxy's carries many people, and what they do comes together on it. */
interface Allowance {
  /** Streams at a time. */
  streams: number;
  /** What all its streams may hold in memory, in megabytes. */
  memory: number;
  /** Streams that may end before their answer: so many at once, so many more a second. */
  resets: { burst: number; perSecond: number };
}

const ofPerson: Allowance = { streams: 32, memory: 4, resets: { burst: 100, perSecond: 10 } };
const ofProxy: Allowance = { streams: 1_000, memory: 64, resets: { burst: 5_000, perSecond: 500 } };

/** How long a connection may be without a stream, in milliseconds. What else it sends does not count. */
const IDLE_MS = 10_000;
/** How long the other side may take to close a connection that is to be closed, in milliseconds. */
const CLOSE_MS = 1_000;

const { NGHTTP2_ENHANCE_YOUR_CALM, NGHTTP2_NO_ERROR } = http2.constants;

/** The HTTP/2 half of a server: takes connections that speak it. */
export interface Http2 {
  accept(socket: net.Socket, fromProxy: boolean): void;
  /** Lets every connection finish what it does. */
  close(): void;
  destroy(): void;
}

export function createHttp2(handler: Handler): Http2 {
  const sessions = new Set<http2.ServerHttp2Session>();
  const [people, proxies] = [ofPerson, ofProxy].map((allowance) => {
    const server = createServer(handler, allowance);
    server.on("session", (session) => {
      sessions.add(session);
      session.once("close", () => sessions.delete(session));
      limitResets(session, allowance);
    });
    return server;
  });
  return {
    accept: (socket, fromProxy) => {
      socket.allowHalfOpen = false; // as of HTTP/1.1's server it is true, and a client that said goodbye would stay
      const server = fromProxy ? proxies : people;
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
    // From Node.js 22 on, a stream that was reset counts as open until all of its read is taken in: what may be reset may
    // be rejected.
    maxSessionRejectedStreams: resets.burst,
    settings: { maxConcurrentStreams: streams, enablePush: false, maxHeaderListSize: limits.headerBytes },
  };
  const server = http2.createServer(options, unlessReset(handler)).on("sessionError", () => {
    // The connection is gone; its streams have learned so themselves.
  });
  return server.on("connect", unlessReset(refuseWith(405))).on("checkExpectation", unlessReset(refuseWith(417)));
}

/** Answers what Node.js would answer by itself and leave open for as long as the client likes. */
function refuseWith(status: 405 | 417): Handler {
  return (request, response) => {
    cutUpload(request, response);
    request.resume();
    response.writeHead(status);
    response.end();
  };
}

/**
 * Passes a request on after the rest of what was read with it: one whose reset came along is not worked for, and ends
 * before its answer, by which resets are counted.
 */
function unlessReset(handler: Handler): Handler {
  return (request, response) => {
    setImmediate(() => {
      if (!request.stream.destroyed && !request.stream.aborted) handler(request, response);
    });
  };
}

/**
 * Ends a connection whose streams keep ending before they were answered, whoever ends them: opening a stream and
 * resetting it costs the client a few bytes and us a call (CVE-2023-44487), and so does having us reset it for a frame
 * that is not allowed (CVE-2025-8671).
 */
function limitResets(session: http2.ServerHttp2Session, { streams, resets: { burst, perSecond } }: Allowance): void {
  let [left, atMs] = [burst, performance.now()];
  const count = () => {
    const nowMs = performance.now();
    left = Math.min(burst, left + ((nowMs - atMs) / 1000) * perSecond) - 1;
    atMs = nowMs;
    if (left >= 0) return;
    session.removeAllListeners("stream"); // Node.js goes on to tell of all that one read brought
    session.destroy(undefined, NGHTTP2_ENHANCE_YOUR_CALM);
  };
  let begun = 0;
  session.prependListener("stream", (stream) => {
    if (begun++ === 0) setImmediate(() => (begun = 0));
    let isCounted = begun > streams; // more than may be open at a time: others of this turn were reset, which is told late
    if (isCounted) count();
    const look = () => {
      if (isCounted || (!stream.aborted && stream.rstCode === NGHTTP2_NO_ERROR)) return;
      isCounted = true;
      count();
    };
    stream.once("aborted", look).once("close", look);
    look(); // what was reset at once is told late
  });
}

/** Closes a connection that has had no stream for a while, however much else it sends, headers without an end included. */
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
