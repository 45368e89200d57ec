import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Http2ServerRequest, Http2ServerResponse } from "node:http2";
import { limits } from "../core/limits.js";
import { type Body, type BodyLimits, collectBody, ENVELOPE_BYTES, readableBody, readableEnvelopes } from "./body.js";
import { type Peer, peerOf, type Trust } from "./peer.js";
import { UnreadAnswers } from "./unread.js";

declare module "fastify" {
  interface FastifyRequest {
    /** The body, read before anything else happens; undefined for calls that stream their requests. */
    collected: Body | undefined;
    /** Who calls; known to everything behind the intake. */
    peer: Peer | undefined;
  }
}

/** A request of which nothing is left to be read. */
export interface Received {
  /** Who calls, as known while the connection was there: one that is gone tells nothing. */
  peer: Peer;
  body: Body;
}

type Request = IncomingMessage | Http2ServerRequest;

const bodyLimits: BodyLimits = { bytes: limits.messageBytes + ENVELOPE_BYTES, chunks: 256, timeoutMs: 10_000 };
/** How long a connection stays for its client to read the answer, in milliseconds, when its upload was cut short. */
const LINGER_MS = 1_000;

/** Hosts that can be part of a URL. A server has few names; whoever makes some up gains nothing. */
const knownHosts = new Set<string>();
const REMEMBERED_HOSTS = 100;

/** How long an answer over HTTP/2, trailers included, has to be sent, in milliseconds: closing a stream drops what waits. */
const FLUSH_MS = 10;

/**
 * What every request goes through on either listener, whatever it asks for and whether that exists: it names a host,
 * its body is small, comes soon and in few pieces, and its answer is read. Nothing behind this reads from the wire.
 */
export class Intake {
  readonly answers: UnreadAnswers;
  /** Requests that were received and then handed on. */
  readonly #received = new WeakMap<Request, Received>();

  /** @param writeTimeoutMs how long a client may leave an answer unread, in milliseconds */
  constructor(
    writeTimeoutMs: number,
    private readonly isTrusted: Trust,
  ) {
    this.answers = new UnreadAnswers(writeTimeoutMs);
  }

  /** Who calls. */
  peerOf(request: Request): Peer {
    return peerOf(request, this.isTrusted);
  }

  /** Reads the whole request, unless that was done before. */
  receive(request: IncomingMessage, done: (received: Received) => void): void {
    const received = this.#received.get(request);
    if (received !== undefined) {
      done(received);
      return;
    }
    const peer = this.peerOf(request);
    collectBody(request, bodyLimits, (body) => {
      done({ peer, body });
    });
  }

  /** Keeps what was received of a request for whoever receives it again. */
  keep(request: IncomingMessage, received: Received): void {
    this.#received.set(request, received);
  }
}

/**
 * Lets every request of an app through the intake.
 * @param streamsUp whether a path is that of a call that streams its requests, which cannot be read as a whole
 */
export function addIntake(app: FastifyInstance, intake: Intake, streamsUp: (path: string) => boolean): void {
  app.decorateRequest("collected", undefined);
  app.decorateRequest("peer", undefined);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", (_request, _payload, done) => {
    done(null, undefined);
  });
  app.addHook("onRequest", (request, reply, next) => {
    intake.answers.watch(reply.raw);
    if (request.raw.method === "POST" && !namesHost(request.raw)) {
      refuseHost(request, reply);
      return;
    }
    if (streamsUp(request.raw.url ?? "")) {
      request.peer = intake.peerOf(request.raw);
      next();
      return;
    }
    intake.receive(request.raw, ({ peer, body }) => {
      if (!request.raw.complete) cutUpload(request.raw, reply.raw);
      request.peer = peer;
      request.collected = body;
      next();
    });
  });
}

/** Hands the library the bodies of its calls. */
export function readBodies(app: FastifyInstance): void {
  app.addHook("preHandler", (request, _reply, next) => {
    const { collected, raw } = request;
    request.body = collected === undefined ? readableEnvelopes(raw, bodyLimits) : readableBody(collected);
    next();
  });
}

/**
 * Whether host and path make the URL that the library makes of a call's. Without one it would answer that all is well.
 * Whoever only looks whether we are well, as load balancers do, need not name a host (HTTP/1.0).
 */
export function namesHost(request: Request): boolean {
  const authority = "authority" in request ? request.authority : request.headers.host;
  if (authority === undefined || authority === "") return false;
  const { url = "" } = request;
  const isPlainPath = /^\/[\w.-]/.test(url); // which fits any host
  if (isPlainPath && knownHosts.has(authority)) return true;
  const isNamed = URL.canParse(url, `http://${authority}`);
  if (isPlainPath && isNamed && knownHosts.size < REMEMBERED_HOSTS) knownHosts.add(authority);
  return isNamed;
}

function refuseHost({ raw }: FastifyRequest, reply: FastifyReply): void {
  cutUpload(raw, reply.raw);
  raw.resume();
  void reply.code(400).send({ code: "invalid_argument", message: "host: is missing or cannot be part of a URL" });
}

/** Reads no more of a body once the answer is out, so that nobody uploads for nothing, and closes what it came on. */
function cutUpload(request: IncomingMessage, response: ServerResponse | Http2ServerResponse): void {
  if ("stream" in response) {
    const { stream } = response;
    stream.once("finish", () => {
      const timer = setTimeout(() => stream.close(), FLUSH_MS);
      stream.once("close", () => clearTimeout(timer));
    });
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
