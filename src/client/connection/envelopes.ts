import { Code, ConnectError } from "@connectrpc/connect";

export type Bytes = Uint8Array<ArrayBuffer>;

/** Before the content: a byte of flags and the length. */
const HEAD_BYTES = 5;
/** Far more than the server sends in one message. */
const MAX_CONTENT_BYTES = 4_194_304;

/** A message of a stream. */
export interface Envelope {
  flags: number;
  content: Bytes;
}

export function toEnvelope(content: Bytes): Bytes {
  const envelope = new Uint8Array(HEAD_BYTES + content.length);
  new DataView(envelope.buffer).setUint32(1, content.length);
  envelope.set(content, HEAD_BYTES);
  return envelope;
}

/** Reads the envelopes of a stream, however the network has cut it. The stream is cancelled when reading stops. */
export async function* readEnvelopes(stream: ReadableStream<Bytes>): AsyncGenerator<Envelope> {
  const reader = stream.getReader();
  let rest: Bytes = new Uint8Array(0);
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      rest = concat(rest, value);
      for (let size = sizeOf(rest); size <= rest.length; size = sizeOf(rest)) {
        yield { flags: rest[0] ?? 0, content: rest.subarray(HEAD_BYTES, size) };
        rest = rest.subarray(size);
      }
    }
  } finally {
    // Already closed or aborted, which then does not matter.
    reader.cancel().catch(() => undefined);
  }
  if (rest.length > 0) throw new ConnectError("the stream ended within a message", Code.DataLoss);
}

/** The size of the envelope that begins here; infinite as long as its head is not complete. */
function sizeOf(bytes: Bytes): number {
  if (bytes.length < HEAD_BYTES) return Infinity;
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(1);
  if (length > MAX_CONTENT_BYTES) throw new ConnectError("a message of the stream is too large", Code.DataLoss);
  return HEAD_BYTES + length;
}

function concat(first: Bytes, second: Bytes): Bytes {
  if (first.length === 0) return second;
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}
