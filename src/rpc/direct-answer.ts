import { type DescMessage, type Message, toBinary, toJsonString } from "@bufbuild/protobuf";
import { type ConnectError, cors } from "@connectrpc/connect";
import {
  codeToHttpStatus,
  contentTypeStreamProto,
  contentTypeUnaryJson,
  contentTypeUnaryProto,
  endStreamFlag,
  endStreamToJson,
  errorToJsonBytes,
} from "@connectrpc/connect/protocol-connect";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { SessionStream } from "../app/session-stream.js";
import type { Answer } from "./commands.js";
import { encodeBatch, envelope } from "./encode.js";
import { type UnreadAnswers, unreadBytes } from "./unread.js";
import type { OpenStream } from "./signaling.js";
import type { Call } from "./guards.js";

/** A call and how to answer it, in the Connect protocol. */
export interface Exchange {
  call: Call;
  response: ServerResponse;
  /** Told of answers that may have to wait for their client. */
  answers: UnreadAnswers;
  isBinary: boolean;
  /** The origin whose pages may read the answer. */
  allowedOrigin: string | undefined;
  toError(error: unknown, isGone: boolean): ConnectError;
  /** Counts the call, once. */
  count(error?: ConnectError): void;
}

const EMPTY = Buffer.alloc(0);
const EMPTY_JSON = Buffer.from("{}");
const exposedHeaders = cors.exposedHeaders.join(", ");

/** Answers a unary call with what the work came to once it is done, mostly an empty message, or with why it was not. */
export async function answerUnary(exchange: Exchange, output: DescMessage, work: () => Promise<Answer>): Promise<void> {
  const { isBinary } = exchange;
  try {
    const answer = await work();
    const body = answer === undefined ? (isBinary ? EMPTY : EMPTY_JSON) : encodeAnswer(output, answer, isBinary);
    exchange.count();
    respond(exchange, 200, isBinary ? contentTypeUnaryProto : contentTypeUnaryJson, body);
  } catch (cause) {
    const error = exchange.toError(cause, false);
    exchange.count(error);
    respond(exchange, codeToHttpStatus(error.code), contentTypeUnaryJson, errorToJsonBytes(error, undefined));
  }
}

function encodeAnswer(output: DescMessage, answer: Message, isBinary: boolean): Uint8Array {
  return isBinary ? toBinary(output, answer) : Buffer.from(toJsonString(output, answer));
}

/**
 * Streams what a session is told, each batch in one write, then says how it ended. Waits while the client does not read.
 * When it is gone the session is let go at once.
 */
export async function writeStream(exchange: Exchange, open: () => Promise<OpenStream>): Promise<void> {
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
        writeHead(exchange, 200, contentTypeStreamProto);
      }
      if (!response.write(encodeBatch(batch, context)) && !line.isGone) await drained(response);
    }
  } catch (cause) {
    failure = exchange.toError(cause, line.isGone);
    if (!response.headersSent) exchange.count(failure);
  }
  if (line.isGone) return;
  if (!response.headersSent) writeHead(exchange, 200, contentTypeStreamProto);
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

function respond(exchange: Exchange, status: number, contentType: string, body: Uint8Array): void {
  writeHead(exchange, status, contentType, body.length);
  if (body.length === 0)
    exchange.response.end(); // the head alone is one write
  else exchange.response.end(body);
  if (unreadBytes(exchange.response) > 0) exchange.answers.watch(exchange.response);
}

/** What a page elsewhere may read is said as on the library's path: for allowed origins, and never for caches. */
function writeHead({ response, allowedOrigin }: Exchange, status: number, contentType: string, length?: number): void {
  const headers = ["vary", "Origin", "content-type", contentType];
  if (allowedOrigin !== undefined) {
    headers.push("access-control-allow-origin", allowedOrigin, "access-control-expose-headers", exposedHeaders);
  }
  if (length !== undefined) headers.push("content-length", String(length));
  response.writeHead(status, headers);
}
