import { type DescMessage, type Message, toBinary, toJsonString } from "@bufbuild/protobuf";
import type { ConnectError } from "@connectrpc/connect";
import { contentTypeStreamProto, endStreamFlag, endStreamToJson } from "@connectrpc/connect/protocol-connect";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { StreamClient } from "../../app/arrivals.js";
import type { SessionStream } from "../../app/session-stream.js";
import type { Admitted } from "../admission/admission.js";
import { encodeBatch } from "../codec/encode.js";
import { envelope } from "../codec/envelope.js";
import type { CallCount } from "../interceptors/metrics.js";
import type { ErrorMap } from "../interceptors/errors.js";
import { contentTypeOf, type WireProtocol } from "../admission/protocol.js";
import { originHeaders, writeRefusal } from "../admission/refusal.js";
import { STREAM_HEADERS } from "../../http/stream-headers.js";
import type { OpenStream } from "../service.js";
import { type SlowReaders, unreadBytes } from "../../http/slow-readers.js";

/** A call of the Connect protocol that the fast path answers. */
export class FastPathCall {
  readonly response: ServerResponse;
  readonly protocol: WireProtocol;
  readonly allowedOrigin: string | undefined;
  readonly #method: string;

  constructor(
    { response, protocol, allowedOrigin, method }: Admitted,
    private readonly dependencies: FastPathCallDependencies,
  ) {
    this.response = response;
    this.protocol = protocol;
    this.allowedOrigin = allowedOrigin;
    this.#method = method.name;
    response.on("error", ignore); // the client disconnected
  }

  get slowReaders(): SlowReaders {
    return this.dependencies.slowReaders;
  }

  toError(error: unknown, isGone: boolean): ConnectError {
    return this.dependencies.mapError(this.#method, error, isGone);
  }

  count(error?: ConnectError): void {
    this.dependencies.countCall(this.#method, error);
  }
}

interface FastPathCallDependencies {
  slowReaders: SlowReaders;
  mapError: ErrorMap;
  countCall: CallCount;
}

const ignore = () => undefined;

const EMPTY = Buffer.alloc(0);
const EMPTY_JSON = Buffer.from("{}");

/** Answers a unary call with the result of its work: an empty message if it has none, or an error. */
export async function writeUnary(
  call: FastPathCall,
  output: DescMessage,
  work: () => Promise<Message | undefined>,
): Promise<void> {
  try {
    const body = render(await work(), output, call.protocol.isBinary);
    call.count();
    const contentType = contentTypeOf(call.protocol);
    if (body.length === 0) endWithoutBody(call, contentType);
    else {
      writeHead(call, contentType, body.length);
      call.response.end(body);
    }
  } catch (cause) {
    const error = call.toError(cause, false);
    call.count(error);
    writeRefusal(call, error);
  }
  if (unreadBytes(call.response) > 0) call.slowReaders.watch(call.response);
}

function render(message: Message | undefined, output: DescMessage, isBinary: boolean): Uint8Array {
  if (message === undefined) return isBinary ? EMPTY : EMPTY_JSON;
  return isBinary ? toBinary(output, message) : Buffer.from(toJsonString(output, message));
}

/**
 * Streams the messages of a session, each batch in one write, followed by how the stream ended. Waits while the client
 * does not read, and ends the session at once when it disconnects. A client that has to wait gets the head of the response
 * immediately, so that it knows that it was heard.
 */
export function writeStream(call: FastPathCall, open: (client: StreamClient) => Promise<OpenStream>): Promise<void> {
  const writer = new StreamWriter(call);
  const client: StreamClient = {
    isGone: () => writer.isGone,
    onWait: () => {
      writer.writeHead();
      call.response.flushHeaders();
    },
  };
  return open(client).then(
    (opened) => writer.write(opened), // not awaited here, where `open` would be kept as long as the stream
    (error: unknown) => {
      writer.end(error);
    },
  );
}

class StreamWriter {
  isGone = false;
  #isCounted = false;
  #session: SessionStream | undefined;

  constructor(private readonly call: FastPathCall) {
    const { response, slowReaders } = call;
    slowReaders.watch(response);
    response.on("close", () => {
      this.isGone = true;
      this.#session?.end();
    });
  }

  writeHead(): void {
    if (!this.call.response.headersSent) writeHead(this.call, contentTypeStreamProto);
  }

  async write({ session, context }: OpenStream): Promise<void> {
    const { response } = this.call;
    this.#session = session;
    forgetHeaders(response.req);
    if (this.isGone) session.end();
    try {
      for (let batch = await session.next(); batch.length > 0; batch = await session.next()) {
        this.#count();
        this.writeHead();
        if (!response.write(encodeBatch(batch, context)) && !this.isGone) await drained(response);
      }
    } catch (cause) {
      this.end(cause);
      return;
    }
    this.end();
  }

  /** Writes how the stream ended. */
  end(cause?: unknown): void {
    const { call } = this;
    const failure = cause === undefined ? undefined : call.toError(cause, this.isGone);
    if (failure !== undefined) this.#count(failure);
    if (this.isGone) return;
    this.writeHead();
    const end = Buffer.from(JSON.stringify(endStreamToJson(new Headers(), failure, undefined)));
    call.response.end(envelope(endStreamFlag, end));
  }

  #count(error?: ConnectError): void {
    if (!this.#isCounted) this.call.count(error);
    this.#isCounted = true;
  }
}

/** Releases the request headers, which an open stream does not need. HTTP/2 requests cannot release them. */
function forgetHeaders(request: IncomingMessage): void {
  if (request.httpVersionMajor !== 1) return;
  request.headers = {};
  request.rawHeaders = [];
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const go = () => {
      response.off("drain", go).off("close", go);
      resolve();
    };
    response.once("drain", go).once("close", go);
  });
}

const streamHeaders = Object.entries(STREAM_HEADERS).flat();

/** @param length undefined for a stream */
function writeHead(call: FastPathCall, contentType: string, length?: number): void {
  call.response.writeHead(200, headersOf(call, contentType, length));
}

/** One write. In HTTP/2, `writeHead` would not know that no body follows, and another frame would say so. */
function endWithoutBody(call: FastPathCall, contentType: string): void {
  const { response } = call;
  if (response.req.httpVersionMajor === 1) writeHead(call, contentType, 0);
  else {
    const headers = headersOf(call, contentType, 0);
    for (let at = 0; at < headers.length; at += 2) response.setHeader(headers[at] ?? "", headers[at + 1] ?? "");
  }
  response.end();
}

function headersOf({ allowedOrigin }: FastPathCall, contentType: string, length: number | undefined): string[] {
  const headers = originHeaders(allowedOrigin);
  headers.push("content-type", contentType);
  if (length === undefined) headers.push(...streamHeaders);
  else headers.push("content-length", String(length));
  return headers;
}
