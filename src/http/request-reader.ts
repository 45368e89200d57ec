import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Http2ServerRequest, Http2ServerResponse, ServerHttp2Stream } from "node:http2";
import type { Caller } from "../app/caller.js";
import { limits } from "../core/limits.js";
import {
  type Body,
  type BodyLimits,
  collectBody,
  ENVELOPE_BYTES,
  readableBody,
  readableEnvelopes,
} from "./request-body.js";
import { authorityOf, type RemotePeer, peerOf, type Trust } from "./remote.js";
import { SlowReaders, unreadBytes } from "./slow-readers.js";

declare module "fastify" {
  interface FastifyRequest {
    /** The body; undefined for calls that stream their requests. */
    collected: Body | undefined;
    /** Where it comes from; known to everything behind the intake. */
    peer: RemotePeer | undefined;
    /** Who calls; undefined for what is no call. */
    caller: Caller | undefined;
  }
}

/** A call that the door let in, on its way through the library. */
export interface AdmittedRequest {
  /** Who calls, as known while the connection was there: one that is gone tells nothing. */
  peer: RemotePeer;
  caller: Caller;
  /** Undefined for a call that streams its requests. */
  body: Body | undefined;
}

type Request = IncomingMessage | Http2ServerRequest;

const bodyLimits: BodyLimits = { bytes: limits.messageBytes + ENVELOPE_BYTES, chunks: 256, timeoutMs: 10_000 };
/** How long a client may take to read its answer, in milliseconds, when its upload was cut short. */
const LINGER_MS = 1_000;

/** Hosts that can be part of a URL. A server has few names; whoever makes some up gains nothing. */
const knownHosts = new Set<string>();
const REMEMBERED_HOSTS = 100;

/**
 * What every request goes through on either listener, whatever it asks for and whether that exists: it names a host,
 * its body is small, comes soon and in few pieces, and its answer is read. Nothing behind this reads from the wire.
 */
export class RequestReader {
  readonly answers: SlowReaders;
  /** Calls that the door let in and handed on. */
  readonly #passed = new WeakMap<Request, AdmittedRequest>();

  /** @param writeTimeoutMs how long a client may leave an answer unread, in milliseconds */
  constructor(
    writeTimeoutMs: number,
    readonly isTrusted: Trust,
  ) {
    this.answers = new SlowReaders(writeTimeoutMs);
  }

  /** Who calls. */
  peerOf(request: Request): RemotePeer {
    return peerOf(request, this.isTrusted);
  }

  /** Reads the whole request. */
  receive(request: IncomingMessage, done: (body: Body) => void): void {
    collectBody(request, bodyLimits, done);
  }

  /** Hands a call on to the library. */
  keep(request: IncomingMessage, { peer, caller }: { peer: RemotePeer; caller: Caller }, body: Body | undefined): void {
    this.#passed.set(request, { peer, caller, body });
  }

  passed(request: Request): AdmittedRequest | undefined {
    return this.#passed.get(request);
  }

  /**
   * Writes an answer, and watches it if it has to wait for its client: over HTTP/2 a client can also leave its request
   * open, and no time limit of Node.js ends that.
   */
  watchUnread(response: ServerResponse, write: () => void): void {
    write();
    if ("stream" in response || unreadBytes(response) > 0) this.answers.watch(response);
  }
}

/** Lets every request of an app through the intake; calls have come through the door before. */
export function addRequestReader(app: FastifyInstance, intake: RequestReader): void {
  app.decorateRequest("collected", undefined);
  app.decorateRequest("peer", undefined);
  app.decorateRequest("caller", undefined);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", (_request, _payload, done) => {
    done(null, undefined);
  });
  app.setNotFoundHandler((_request, reply) =>
    reply.code(404).send({ code: "unimplemented", message: "nothing is here" }),
  );
  app.addHook("onRequest", (request, reply, next) => {
    intake.answers.watch(reply.raw);
    if (request.raw.method === "POST" && !namesHost(request.raw)) {
      refuseHost(request, reply);
      return;
    }
    const passed = intake.passed(request.raw);
    if (passed !== undefined) {
      request.peer = passed.peer;
      request.caller = passed.caller;
      request.collected = passed.body;
      next();
      return;
    }
    request.peer = intake.peerOf(request.raw);
    intake.receive(request.raw, (body) => {
      if (!request.raw.complete) cutUpload(request.raw, reply.raw);
      request.collected = body;
      next();
    });
  });
}

/**
 * Hands the library the bodies of its calls, of those that came through the door. What a router takes for a call's path
 * and the door does not, such as one with letters written as %xx, is none.
 * @param checkEnvelope what the door does with a message, for those that come one by one
 */
export function readBodies(app: FastifyInstance, checkEnvelope: EnvelopeCheck = () => undefined): void {
  app.addHook("preHandler", (request, reply, next) => {
    const { caller, collected, raw } = request;
    if (caller === undefined && raw.method !== "OPTIONS") {
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

/** @throws for a message that is not to be decoded */
export type EnvelopeCheck = (request: Request, message: Uint8Array) => void;

/**
 * Whether host and path make the URL that the library makes of a call's. Without one it would answer that all is well.
 * Whoever only looks whether we are well, as load balancers do, need not name a host (HTTP/1.0).
 */
export function namesHost(request: Request): boolean {
  const authority = authorityOf(request);
  if (authority === "") return false;
  const { url = "" } = request;
  const isPlainPath = /^\/[\w.-]/.test(url); // which fits any host
  if (isPlainPath && knownHosts.has(authority)) return true;
  const isNamed = URL.canParse(url, `http://${authority}`);
  if (isPlainPath && isNamed && knownHosts.size < REMEMBERED_HOSTS) knownHosts.add(authority);
  return isNamed;
}

/** Answers what is for no path at all, which the router tells before any hook. What was asked for is not repeated. */
export function refuseUrl(intake: RequestReader) {
  return (_error: FastifyError, { raw }: FastifyRequest, reply: FastifyReply): void => {
    intake.answers.watch(reply.raw);
    leaveUnread(raw, reply.raw);
    void reply.code(400).send({ code: "invalid_argument", message: "the path is no part of a URL" });
  };
}

function refuseHost({ raw }: FastifyRequest, reply: FastifyReply): void {
  cutUpload(raw, reply.raw);
  raw.resume();
  void reply.code(400).send({ code: "invalid_argument", message: "host: is missing or cannot be part of a URL" });
}

/**
 * Lets go of a request that is answered by its headers alone. A small body is dropped as it comes, so that the connection
 * can go on; for any other it is not worth it.
 */
export function leaveUnread(request: Request, response: ServerResponse | Http2ServerResponse): void {
  const { "content-length": length, "transfer-encoding": coding } = request.headers;
  const isSmall = coding === undefined && Number(length ?? 0) <= bodyLimits.bytes;
  if ("stream" in request) {
    if (request.stream.endAfterHeaders) return;
    if (length === undefined || !isSmall) cutUpload(request, response);
    request.resume(); // an answer is cut off when the request was not read
  } else if (!isSmall) cutUpload(request, response);
}

/** Reads no more of a body once the answer is out, so that nobody uploads for nothing, and closes what it came on. */
export function cutUpload(request: Request, response: ServerResponse | Http2ServerResponse): void {
  if ("stream" in response) {
    closeWhenSent(response.stream);
    return;
  }
  const { socket } = request;
  response.shouldKeepAlive = false;
  // Node.js closes at once, and what the client still sends would reset the connection before it has read the answer.
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
