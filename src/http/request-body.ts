import { Code, ConnectError } from "@connectrpc/connect";
import type { IncomingMessage } from "node:http";
import type { Http2ServerRequest } from "node:http2";
import { afterReads } from "./after-reads.js";
import { onReadTimeout } from "./read-timeout.js";

export interface BodyLimits {
  bytes: number;
  /** Chunks the body may arrive in: reading an envelope takes time quadratic in their number. */
  chunks: number;
  timeoutMs: number;
}

/** Bytes of an envelope's header (Connect and gRPC): one of flags and four of length. */
export const ENVELOPE_BYTES = 5;

/** A request's body, or the error that reading it failed with. */
export interface Body {
  bytes: Buffer;
  error: ConnectError | undefined;
}

/** Declared at module level so that its closure does not retain the request body. */
const ignore = () => undefined;
const EMPTY = Buffer.alloc(0);

/**
 * Reads a whole request body before the call begins, so that slow, endless or fragmented bodies never reach the reader
 * of a protocol. A body over the limit is truncated one byte beyond it; the reader then refuses it as too large.
 * @param done called once
 */
export function collectBody(request: IncomingMessage, bounds: BodyLimits, done: (body: Body) => void): void {
  if (request.httpVersionMajor === 1 && request.headers["transfer-encoding"] === undefined) {
    // Most bodies arrive with the headers, and are available in one piece after the current read.
    afterReads(() => {
      if (request.complete) done({ bytes: readAll(request, bounds), error: undefined });
      else if (request.destroyed) done({ bytes: EMPTY, error: truncated() });
      else collectChunks(request, bounds, done);
    });
  } else collectChunks(request, bounds, done);
}

function readAll(request: IncomingMessage, bounds: BodyLimits): Buffer {
  const bytes = (request.read() as Buffer | null) ?? EMPTY;
  return bytes.length > bounds.bytes ? bytes.subarray(0, bounds.bytes + 1) : bytes;
}

function collectChunks(request: IncomingMessage, bounds: BodyLimits, done: (body: Body) => void): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  const finish = (error?: ConnectError) => {
    cancel();
    request.off("data", onData).off("end", finish).off("error", onClose).off("close", onClose);
    request.on("error", ignore);
    if (!request.readableEnded) request.resume(); // drop the rest
    const [first = EMPTY] = chunks;
    const whole = chunks.length === 1 ? first : Buffer.concat(chunks, bytes);
    done({ bytes: whole.subarray(0, bounds.bytes + 1), error });
  };
  const onData = (chunk: Buffer) => {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > bounds.bytes) finish();
    else if (chunks.length > bounds.chunks) finish(tooManyChunks());
  };
  const onClose = () => {
    finish(truncated());
  };
  const onTimeout = () => {
    finish(timedOut(bounds));
  };
  const cancel = onReadTimeout(bounds.timeoutMs, onTimeout);
  request.on("data", onData).once("end", finish).once("error", onClose).once("close", onClose);
}

/** The body as the library reads it: one chunk, or the error, which each protocol reports in its own format. */
export async function* readableBody({ bytes, error }: Body): AsyncGenerator<Uint8Array> {
  await Promise.resolve();
  if (error !== undefined) throw error;
  if (bytes.length > 0) yield bytes;
}

/**
 * The body of a call that streams its requests, one whole envelope at a time. Each has to keep the limits, as the bytes
 * of an incomplete envelope are scanned again with every chunk. An envelope over the limit is passed on at once, to be
 * refused.
 * @param check throws for a message that must not be decoded
 */
export async function* readableEnvelopes(
  request: IncomingMessage | Http2ServerRequest,
  bounds: BodyLimits,
  check: (message: Uint8Array) => void,
): AsyncGenerator<Uint8Array> {
  let [rest, chunks] = [Buffer.alloc(0), 0];
  const onTimeout = () => request.destroy(timedOut(bounds));
  let cancel: (() => void) | undefined;
  try {
    for await (const chunk of request) {
      if (++chunks > bounds.chunks) throw tooManyChunks();
      rest = Buffer.concat([rest, chunk as Buffer]);
      for (let length = envelopeLength(rest, bounds.bytes); length > 0; length = envelopeLength(rest, bounds.bytes)) {
        const isWhole = length === ENVELOPE_BYTES + rest.readUInt32BE(1);
        if (isWhole && rest[0] === 0) check(rest.subarray(ENVELOPE_BYTES, length));
        yield rest.subarray(0, length);
        [rest, chunks] = [rest.subarray(length), 0];
        cancel?.();
        cancel = undefined;
      }
      if (rest.length > 0) cancel ??= onReadTimeout(bounds.timeoutMs, onTimeout);
    }
    if (rest.length > 0) yield rest; // a truncated envelope, to be refused
  } finally {
    cancel?.();
  }
}

/** How many bytes can be passed on: a whole envelope, all of one that is too large, or 0 while it is incomplete. */
function envelopeLength(bytes: Buffer, maxBytes: number): number {
  if (bytes.length < ENVELOPE_BYTES) return 0;
  const length = ENVELOPE_BYTES + bytes.readUInt32BE(1);
  if (length > maxBytes) return bytes.length;
  return length <= bytes.length ? length : 0;
}

function truncated(): ConnectError {
  return new ConnectError("the request body was truncated", Code.Canceled);
}

function tooManyChunks(): ConnectError {
  return new ConnectError("the request body arrived in too many chunks", Code.ResourceExhausted);
}

function timedOut({ timeoutMs }: BodyLimits): ConnectError {
  return new ConnectError(
    `the request body did not arrive within ${String(timeoutMs / 1000)} s`,
    Code.DeadlineExceeded,
  );
}
