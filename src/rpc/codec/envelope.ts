import { ENVELOPE_BYTES } from "../../http/request-body.js";

/** Wraps a message in an envelope: one byte of flags and four of length (Connect, gRPC-Web). */
export function envelope(flags: number, message: Uint8Array): Buffer {
  const bytes = Buffer.allocUnsafe(ENVELOPE_BYTES + message.length);
  bytes.set(message, writeEnvelopeHeader(bytes, flags, message.length));
  return bytes;
}

/** Writes the header of an envelope. @returns the offset after it */
export function writeEnvelopeHeader(bytes: Buffer, flags: number, length: number): number {
  return bytes.writeUInt32BE(length, bytes.writeUInt8(flags, 0));
}
