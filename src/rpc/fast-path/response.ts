import { type DescMessage, type Message, toBinary, toJsonString } from "@bufbuild/protobuf";
import type { ConnectError } from "@connectrpc/connect";
import { contentTypeStreamProto, endStreamFlag, endStreamToJson } from "@connectrpc/connect/protocol-connect";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { SessionStream } from "../../app/session-stream.js";
import type { Admitted } from "../admission/admission.js";
import { encodeBatch, envelope } from "../codec/encode.js";
import type { CallCount } from "../interceptors/metrics.js";
import type { ErrorMap } from "../interceptors/errors.js";
import { contentTypeOf, type WireProtocol } from "../admission/protocol.js";
import { originHeaders, writeRefusal } from "../admission/refusal.js";
import type { OpenStream } from "../services/signaling.js";
import { type SlowReaders, unreadBytes } from "../../http/slow-readers.js";

/** A call and how to answer it, in the Connect protocol. */
export class FastPathCall {
  readonly response: ServerResponse;
  readonly speech: WireProtocol;
  readonly allowedOrigin: string | undefined;
  readonly #method: string;

  constructor(
    { response, speech, allowedOrigin, method }: Admitted,
    private readonly parts: ExchangeParts,
  ) {
    this.response = response;
    this.speech = speech;
    this.allowedOrigin = allowedOrigin;
    this.#method = method.name;
    response.on("error", ignore); // the client is gone
  }

  /** Where answers are watched that may have to wait for their client. */
  get answers(): SlowReaders {
    return this.parts.answers;
  }

  toError(error: unknown, isGone: boolean): ConnectError {
    return this.parts.mapError(this.#method, error, isGone);
  }

  /** Counts the call, once. */
  count(error?: ConnectError): void {
    this.parts.countCall(this.#method, error);
  }
}

interface ExchangeParts {
  answers: SlowReaders;
  mapError: ErrorMap;
  countCall: CallCount;
}

const ignore = () => undefined;

const EMPTY = Buffer.alloc(0);
const EMPTY_JSON = Buffer.from("{}");

/** Answers a unary call with what its work tells, an empty message for nothing, or with why it was not done. */
export async function acknowledge(
  exchange: FastPathCall,
  output: DescMessage,
  work: () => Promise<Message | undefined>,
): Promise<void> {
  try {
    const body = render(await work(), output, exchange.speech.isBinary);
    exchange.count();
    writeHead(exchange, contentTypeOf(exchange.speech), body.length);
    if (body.length === 0)
      exchange.response.end(); // the head alone is one write
    else exchange.response.end(body);
  } catch (cause) {
    const error = exchange.toError(cause, false);
    exchange.count(error);
    writeRefusal(exchange, error);
  }
  if (unreadBytes(exchange.response) > 0) exchange.answers.watch(exchange.response);
}

function render(message: Message | undefined, output: DescMessage, isBinary: boolean): Uint8Array {
  if (message === undefined) return isBinary ? EMPTY : EMPTY_JSON;
  return isBinary ? toBinary(output, message) : Buffer.from(toJsonString(output, message));
}

/**
 * Streams what a session is told, each batch in one write, then says how it ended. Waits while the client does not read.
 * When it is gone the session is let go at once.
 */
export async function writeStream(exchange: FastPathCall, open: () => Promise<OpenStream>): Promise<void> {
  const { response, answers } = exchange;
  const line: { isGone: boolean; session?: SessionStream } = { isGone: false };
  let failure: ConnectError | undefined;
  answers.watch(response);
  response.on("close", () => {
    line.isGone = true;
    line.session?.end();
  });
  try {
    const { session, context } = await open();
    line.session = session;
    forgetHeaders(response.req);
    if (line.isGone) session.end();
    for (let batch = await session.next(); batch.length > 0; batch = await session.next()) {
      if (!response.headersSent) {
        exchange.count();
        writeHead(exchange, contentTypeStreamProto);
      }
      if (!response.write(encodeBatch(batch, context)) && !line.isGone) await drained(response);
    }
  } catch (cause) {
    failure = exchange.toError(cause, line.isGone);
    if (!response.headersSent) exchange.count(failure);
  }
  if (line.isGone) return;
  if (!response.headersSent) writeHead(exchange, contentTypeStreamProto);
  const end = Buffer.from(JSON.stringify(endStreamToJson(new Headers(), failure, undefined)));
  response.end(envelope(endStreamFlag, end));
}

/** A stream need not hold what it was opened with for as long as it is open. Over HTTP/2 that cannot be let go of. */
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

function writeHead({ response, allowedOrigin }: FastPathCall, contentType: string, length?: number): void {
  const headers = originHeaders(allowedOrigin);
  headers.push("content-type", contentType);
  if (length !== undefined) headers.push("content-length", String(length));
  response.writeHead(200, headers);
}
