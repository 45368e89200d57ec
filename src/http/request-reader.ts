import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Http2ServerRequest, Http2ServerResponse, ServerHttp2Stream } from "node:http2";
import { limits } from "../core/limits.js";
import {
  type Body,
  type BodyLimits,
  collectBody,
  ENVELOPE_BYTES,
  readableBody,
  readableEnvelopes,
} from "./request-body.js";
import type { Notices } from "./notices.js";
import type { Proxies } from "./proxies.js";
import { authorityOf, type RemotePeer, remoteOf } from "./remote.js";
import { SlowReaders, unreadBytes } from "./slow-readers.js";

declare module "fastify" {
  interface FastifyRequest {
    /** The body; undefined for calls that stream their requests. */
    collected: Body | undefined;
    remote: RemotePeer | undefined;
    /** Whether the request is a call that admission let through. */
    isAdmitted: boolean;
  }
}

/** A call that admission let through to the library. */
interface AdmittedRequest {
  /** Looked up while the connection was open: a closed socket has no remote address. */
  remote: RemotePeer;
  /** Undefined for a call that streams its requests. */
  body: Body | undefined;
}

type Request = IncomingMessage | Http2ServerRequest;

const bodyLimits: BodyLimits = { bytes: limits.messageBytes + ENVELOPE_BYTES, chunks: 256, timeoutMs: 10_000 };
/** How long a client may take to read the answer after its upload was aborted, in milliseconds. */
const LINGER_MS = 1_000;

/** Hosts that are valid in a URL. A server has few names; made-up ones only fill the cache. */
const validHosts = new Set<string>();
const MAX_VALID_HOSTS = 100;

/**
 * Reads every request of a listener: it must name a host, its body must be small and arrive soon and in few pieces, and
 * its client must read the answer. Handlers never read from the connection themselves.
 */
export class RequestReader {
  readonly slowReaders: SlowReaders;
  readonly #admitted = new WeakMap<Request, AdmittedRequest>();

  /** @param writeTimeoutMs how long a client may leave an answer unread, in milliseconds */
  constructor(
    writeTimeoutMs: number,
    private readonly proxies: Proxies,
    /** What operators should know about the requests. */
    readonly notices: Notices,
  ) {
    this.slowReaders = new SlowReaders(writeTimeoutMs);
  }

  remoteOf(request: Request): RemotePeer {
    return remoteOf(request, this.proxies);
  }

  /** Reads the whole body. */
  receive(request: IncomingMessage, done: (body: Body) => void): void {
    collectBody(request, bodyLimits, done);
  }

  /** Lets a call through to the library, which finds its body already read. */
  admit(request: IncomingMessage, remote: RemotePeer, body: Body | undefined): void {
    this.#admitted.set(request, { remote, body });
  }

  admitted(request: Request): AdmittedRequest | undefined {
    return this.#admitted.get(request);
  }

  /**
   * Writes an answer, and watches it if its client may be slow: in HTTP/2 a client can also leave its request open, and
   * no timeout of Node.js covers that.
   */
  respond(response: ServerResponse, write: () => void): void {
    write();
    if ("stream" in response || unreadBytes(response) > 0) this.slowReaders.watch(response);
  }
}

/** Makes an app take its request bodies from the reader. */
export function addRequestReader(app: FastifyInstance, reader: RequestReader): void {
  app.decorateRequest("collected", undefined);
  app.decorateRequest("remote", undefined);
  app.decorateRequest("isAdmitted", false);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", (_request, _payload, done) => {
    done(null, undefined);
  });
  app.setNotFoundHandler((_request, reply) => reply.code(404).send({ code: "unimplemented", message: "not found" }));
  app.addHook("onRequest", (request, reply, next) => {
    reader.slowReaders.watch(reply.raw);
    if (request.raw.method === "POST" && !hasValidUrl(request.raw)) {
      refuseHost(request, reply);
      return;
    }
    const admitted = reader.admitted(request.raw);
    if (admitted !== undefined) {
      request.remote = admitted.remote;
      request.collected = admitted.body;
      request.isAdmitted = true;
      next();
      return;
    }
    request.remote = reader.remoteOf(request.raw);
    reader.receive(request.raw, (body) => {
      if (!request.raw.complete) abortUpload(request.raw, reply.raw);
      request.collected = body;
      next();
    });
  });
}

/**
 * Passes the bodies of admitted calls to the library. Requests that only the router takes for a call, such as one with
 * percent-encoded letters in its path, get 404.
 * @param checkEnvelope checks each message of a call that streams its requests
 */
export function readBodies(app: FastifyInstance, checkEnvelope: EnvelopeCheck = () => undefined): void {
  app.addHook("preHandler", (request, reply, next) => {
    const { isAdmitted, collected, raw } = request;
    if (!isAdmitted && raw.method !== "OPTIONS") {
      void reply.code(404).send({ code: "unimplemented", message: "there is no such method" });
      return;
    }
    request.body =
      collected === undefined
        ? readableEnvelopes(raw, bodyLimits, (message) => {
            checkEnvelope(raw, message);
          })
        : readableBody(collected);
    next();
  });
}

/** @throws for a message that must not be decoded */
export type EnvelopeCheck = (request: Request, message: Uint8Array) => void;

/**
 * Whether host and path form a valid URL. The library builds one for every call, and would answer 200 if that failed.
 * Only POST requests need one: load balancers may check health without a host (HTTP/1.0).
 */
export function hasValidUrl(request: Request): boolean {
  const authority = authorityOf(request);
  if (authority === "") return false;
  const { url = "" } = request;
  const isPlainPath = /^\/[\w.-]/.test(url); // valid with any host
  if (isPlainPath && validHosts.has(authority)) return true;
  const isValid = URL.canParse(url, `http://${authority}`);
  if (isPlainPath && isValid && validHosts.size < MAX_VALID_HOSTS) validHosts.add(authority);
  return isValid;
}

/** Answers malformed paths, which the router reports before any hook runs. Does not repeat the path. */
export function refuseUrl(reader: RequestReader) {
  return (_error: FastifyError, { raw }: FastifyRequest, reply: FastifyReply): void => {
    reader.slowReaders.watch(reply.raw);
    discardBody(raw, reply.raw);
    void reply.code(400).send({ code: "invalid_argument", message: "the path is malformed" });
  };
}

function refuseHost({ raw }: FastifyRequest, reply: FastifyReply): void {
  abortUpload(raw, reply.raw);
  raw.resume();
  void reply.code(400).send({ code: "invalid_argument", message: "the host header is missing or malformed" });
}

/**
 * Discards the body of a request that its headers alone decide. A small body is read and dropped so that the connection
 * can be reused; any other is aborted.
 */
export function discardBody(request: Request, response: ServerResponse | Http2ServerResponse): void {
  const { "content-length": length, "transfer-encoding": coding } = request.headers;
  const isSmall = coding === undefined && Number(length ?? 0) <= bodyLimits.bytes;
  if ("stream" in request) {
    if (request.stream.endAfterHeaders) return;
    if (length === undefined || !isSmall) abortUpload(request, response);
    request.resume(); // Node.js cuts off the answer to a request that was not read
  } else if (!isSmall) abortUpload(request, response);
}

/** Stops reading a body once the answer is sent, and closes its connection or stream. */
export function abortUpload(request: Request, response: ServerResponse | Http2ServerResponse): void {
  if ("stream" in response) {
    closeWhenSent(response.stream);
    return;
  }
  const { socket } = request;
  response.shouldKeepAlive = false;
  // Node.js would close at once, and further data from the client would reset the connection before it reads the answer.
  socket.destroySoon = () => {
    request.pause();
    socket.end();
    const timer = setTimeout(() => socket.destroy(), LINGER_MS);
    socket.once("close", () => {
      clearTimeout(timer);
    });
  };
}

/**
 * Closes a stream once its answer is sent, or its client has left it unread for too long. Closing drops what waits: of an
 * answer with a body Node.js sends the end in an immediate of its own, after it asked for trailers.
 */
function closeWhenSent(stream: ServerHttp2Stream): void {
  const close = () => {
    stream.close();
  };
  const finish = () => {
    setImmediate(() => {
      if (stream.state.localClose === 1) close(); // the headers were all of it
    });
    const timer = setTimeout(close, LINGER_MS);
    stream.once("close", () => {
      clearTimeout(timer);
    });
  };
  stream.once("wantTrailers", () => setImmediate(close));
  if (stream.writableFinished)
    finish(); // as that of a HEAD from the start
  else stream.once("finish", finish);
}
