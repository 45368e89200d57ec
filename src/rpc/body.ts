import { Code, ConnectError } from "@connectrpc/connect";
import type { IncomingMessage } from "node:http";

export interface BodyLimits {
  bytes: number;
  /** Pieces the body may come in: reading an envelope costs the square of their number. */
  chunks: number;
  timeoutMs: number;
}

/**
 * Reads a whole request body before the call begins, so that what is slow, endless or in crumbs never reaches a
 * protocol's reader. The result yields the body as one chunk, or throws when it is read: then each protocol reports
 * the error in its own way. A body over the limit is cut one byte beyond it, which the reader refuses as too large.
 */
export async function collectBody(request: IncomingMessage, bounds: BodyLimits): Promise<AsyncIterable<Uint8Array>> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  let timer: NodeJS.Timeout | undefined;
  const error = await new Promise<ConnectError | undefined>((resolve) => {
    const seconds = String(bounds.timeoutMs / 1000);
    const late = new ConnectError(`the request body did not end within ${seconds} s`, Code.DeadlineExceeded);
    timer = setTimeout(resolve, bounds.timeoutMs, late);
    const cut = () => {
      resolve(new ConnectError("the request body was cut off", Code.Canceled));
    };
    request.on("data", (chunk: Buffer) => {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > bounds.bytes) resolve(undefined);
      else if (chunks.length > bounds.chunks) {
        resolve(new ConnectError("the request body came in too many pieces", Code.ResourceExhausted));
      }
    });
    request.once("end", () => resolve(undefined));
    request.once("error", cut).once("close", cut);
  });
  clearTimeout(timer);
  request.removeAllListeners("data");
  request.resume(); // what still comes is dropped
  return once(Buffer.concat(chunks, Math.min(bytes, bounds.bytes + 1)), error);
}

async function* once(body: Uint8Array, error: ConnectError | undefined): AsyncGenerator<Uint8Array> {
  await Promise.resolve();
  if (error !== undefined) throw error;
  if (body.length > 0) yield body;
}
