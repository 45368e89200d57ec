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
import type { ServerResponse } from "node:http";
import { envelope } from "./encode.js";
import { type UnreadAnswers, unreadBytes } from "./unread.js";
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
  toError(error: unknown): ConnectError;
  /** Counts the call, once. */
  count(error?: ConnectError): void;
}

const EMPTY = Buffer.alloc(0);
const EMPTY_JSON = Buffer.from("{}");
const exposedHeaders = cors.exposedHeaders.join(", ");

/** Answers a unary call with an empty message once the work is done, or with why it was not. */
export async function acknowledge(exchange: Exchange, work: () => Promise<void>): Promise<void> {
  const { isBinary } = exchange;
  try {
    await work();
    exchange.count();
    respond(exchange, 200, isBinary ? contentTypeUnaryProto : contentTypeUnaryJson, isBinary ? EMPTY : EMPTY_JSON);
  } catch (cause) {
    const error = exchange.toError(cause);
    exchange.count(error);
    respond(exchange, codeToHttpStatus(error.code), contentTypeUnaryJson, errorToJsonBytes(error, undefined));
  }
}

/**
 * Streams batches of messages in their envelopes, each in one write, then says how it ended. Waits while the client does not read.
 * When it is gone the source ends at once.
 */
export async function writeStream(
  exchange: Exchange,
  open: () => AsyncGenerator<Uint8Array[], void, undefined>,
): Promise<void> {
  const { response, call } = exchange;
  exchange.answers.watch(response);
  let failure: ConnectError | undefined;
  try {
    const batches = open();
    call.signal.addEventListener("abort", () => void batches.return().catch(() => undefined), { once: true });
    for await (const batch of batches) {
      if (!response.headersSent) {
        exchange.count();
        writeHead(exchange, 200, contentTypeStreamProto);
      }
      if (!response.write(together(batch)) && !call.signal.aborted) await drained(response);
    }
  } catch (cause) {
    failure = exchange.toError(cause);
    if (!response.headersSent) exchange.count(failure);
  }
  if (call.signal.aborted) return;
  if (!response.headersSent) writeHead(exchange, 200, contentTypeStreamProto);
  const end = Buffer.from(JSON.stringify(endStreamToJson(new Headers(), failure, undefined)));
  response.end(envelope(endStreamFlag, end));
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

function together(messages: readonly Uint8Array[]): Uint8Array {
  const [first] = messages;
  return messages.length === 1 && first !== undefined ? first : Buffer.concat(messages);
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
