import { Code, ConnectError } from "@connectrpc/connect";
import type { IncomingMessage } from "node:http";
import type { Http2ServerRequest } from "node:http2";

export interface BodyLimits {
  bytes: number;
  /** Pieces the body may come in: reading an envelope costs the square of their number. */
  chunks: number;
  timeoutMs: number;
}

/** An envelope's header (Connect and gRPC): one flag byte and four of length. */
export const ENVELOPE_BYTES = 5;

/** A request's body, or why it is none. */
export interface Body {
  bytes: Buffer;
  error: ConnectError | undefined;
}

/** Stands alone: a function made where a body is read would hold the body for as long as the request is there. */
const ignore = () => undefined;
const EMPTY = Buffer.alloc(0);

/**
 * Reads a whole request body before the call begins, so that what is slow, endless or in crumbs never reaches a
 * protocol's reader. A body over the limit is cut one byte beyond it, which the reader refuses as too large.
 * @param done called once
 */
export function collectBody(request: IncomingMessage, bounds: BodyLimits, done: (body: Body) => void): void {
  if (request.httpVersionMajor === 1 && request.headers["transfer-encoding"] === undefined) {
    // Most bodies came with the head, and are there in one piece once Node.js has taken in what it read.
    setImmediate(() => {
      if (request.complete) done({ bytes: readAll(request, bounds), error: undefined });
      else if (request.destroyed) done({ bytes: EMPTY, error: cutOff() });
      else collectPieces(request, bounds, done);
    });
  } else collectPieces(request, bounds, done);
}

function readAll(request: IncomingMessage, bounds: BodyLimits): Buffer {
  const bytes = (request.read() as Buffer | null) ?? EMPTY;
  return bytes.length > bounds.bytes ? bytes.subarray(0, bounds.bytes + 1) : bytes;
}

function collectPieces(request: IncomingMessage, bounds: BodyLimits, done: (body: Body) => void): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  const finish = (error?: ConnectError) => {
    clearTimeout(timer);
    request.off("data", take).off("end", finish).off("error", cut).off("close", cut);
    request.on("error", ignore);
    if (!request.readableEnded) request.resume(); // what still comes is dropped
    const [first = EMPTY] = chunks;
    const whole = chunks.length === 1 ? first : Buffer.concat(chunks, bytes);
    done({ bytes: whole.subarray(0, bounds.bytes + 1), error });
  };
  const take = (chunk: Buffer) => {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > bounds.bytes) finish();
    else if (chunks.length > bounds.chunks) finish(tooManyPieces());
  };
  const cut = () => {
    finish(cutOff());
  };
  const late = () => {
    finish(tooLate(bounds));
  };
  const timer = setTimeout(late, bounds.timeoutMs);
  request.on("data", take).once("end", finish).once("error", cut).once("close", cut);
}

/** The body as the library reads it: one chunk, or the error, which each protocol reports in its own way. */
export async function* readableBody({ bytes, error }: Body): AsyncGenerator<Uint8Array> {
  await Promise.resolve();
  if (error !== undefined) throw error;
  if (bytes.length > 0) yield bytes;
}

/**
 * The body of a call that streams its requests, one whole envelope at a time, each held to the limits: what came of an
 * envelope so far is looked at again with every chunk. An envelope over the limit goes on at once, to be refused.
 * @param check throws for a message that is not to be decoded
 */
export async function* readableEnvelopes(
  request: IncomingMessage | Http2ServerRequest,
  bounds: BodyLimits,
  check: (message: Uint8Array) => void,
): AsyncGenerator<Uint8Array> {
  let [rest, chunks] = [Buffer.alloc(0), 0];
  const late = () => request.destroy(tooLate(bounds));
  let timer: NodeJS.Timeout | undefined;
  try {
    for await (const chunk of request) {
      if (++chunks > bounds.chunks) throw tooManyPieces();
      rest = Buffer.concat([rest, chunk as Buffer]);
      for (let length = envelopeLength(rest, bounds.bytes); length > 0; length = envelopeLength(rest, bounds.bytes)) {
        const isWhole = length === ENVELOPE_BYTES + rest.readUInt32BE(1);
        if (isWhole && rest[0] === 0) check(rest.subarray(ENVELOPE_BYTES, length));
        yield rest.subarray(0, length);
        [rest, chunks] = [rest.subarray(length), 0];
        clearTimeout(timer);
        timer = undefined;
      }
      if (rest.length > 0) timer ??= setTimeout(late, bounds.timeoutMs);
    }
    if (rest.length > 0) yield rest; // an envelope that broke off, to be refused
  } finally {
    clearTimeout(timer);
  }
}

/** How much of what came can be read: a whole envelope, all of one that is too large, or 0 while one is incomplete. */
function envelopeLength(bytes: Buffer, maxBytes: number): number {
  if (bytes.length < ENVELOPE_BYTES) return 0;
  const length = ENVELOPE_BYTES + bytes.readUInt32BE(1);
  if (length > maxBytes) return bytes.length;
  return length <= bytes.length ? length : 0;
}

function cutOff(): ConnectError {
  return new ConnectError("the request body was cut off", Code.Canceled);
}

function tooManyPieces(): ConnectError {
  return new ConnectError("the request body came in too many pieces", Code.ResourceExhausted);
}

function tooLate({ timeoutMs }: BodyLimits): ConnectError {
  return new ConnectError(`the request body did not end within ${String(timeoutMs / 1000)} s`, Code.DeadlineExceeded);
}
