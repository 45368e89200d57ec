import { Code, ConnectError } from "@connectrpc/connect";
import type { IncomingMessage } from "node:http";

export interface BodyLimits {
  bytes: number;
  /** Pieces the body may come in: reading an envelope costs the square of their number. */
  chunks: number;
  timeoutMs: number;
}

declare module "fastify" {
  interface FastifyRequest {
    /** The body, once it is read. */
    collected: Body | undefined;
  }
}

/** An envelope's header (Connect and gRPC): one flag byte and four of length. */
export const ENVELOPE_BYTES = 5;

/** A request's body, or why it is none. */
export interface Body {
  bytes: Buffer;
  error: ConnectError | undefined;
}

/**
 * Reads a whole request body before the call begins, so that what is slow, endless or in crumbs never reaches a
 * protocol's reader. A body over the limit is cut one byte beyond it, which the reader refuses as too large.
 * @param done called once
 */
export function collectBody(request: IncomingMessage, bounds: BodyLimits, done: (body: Body) => void): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  const finish = (error?: ConnectError) => {
    clearTimeout(timer);
    request.off("data", take).off("end", finish).off("error", cut).off("close", cut);
    request.on("error", () => undefined).resume(); // what still comes is dropped
    const [first = Buffer.alloc(0)] = chunks;
    const whole = chunks.length === 1 ? first : Buffer.concat(chunks, bytes);
    done({ bytes: whole.subarray(0, bounds.bytes + 1), error });
  };
  const take = (chunk: Buffer) => {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > bounds.bytes) finish();
    else if (chunks.length > bounds.chunks) {
      finish(new ConnectError("the request body came in too many pieces", Code.ResourceExhausted));
    }
  };
  const cut = () => {
    finish(new ConnectError("the request body was cut off", Code.Canceled));
  };
  const late = () => {
    const seconds = String(bounds.timeoutMs / 1000);
    finish(new ConnectError(`the request body did not end within ${seconds} s`, Code.DeadlineExceeded));
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
