import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { BinaryReader } from "@bufbuild/protobuf/wire";
import type { Signal } from "../../../gen/satoshigle/v1/signal_pb.js";
import { type SendRequest, SendRequestSchema } from "../../../gen/satoshigle/v1/signaling_pb.js";
import type { EncodedSignals } from "../../core/signal.js";
import { binaryOptions } from "./binary-options.js";

/**
 * Signals are passed on as base64 of `SendRequest.signals` in binary. `SignalReceived.signals` has the same number and
 * type, so the bytes are valid for both, and relayed signals are neither encoded nor decoded again.
 */
const { signals: signalsField } = SendRequestSchema.field;

/**
 * Encodes exactly the decoded signals: bytes are reused only if they say nothing beyond them.
 * @param bytes the request's bytes, if they are its canonical encoding
 */
export function encodeSignals({ signals }: SendRequest, bytes?: Uint8Array): EncodedSignals {
  const encoded = (bytes && cutSignals(bytes)) ?? encode(signals);
  return Buffer.from(encoded.buffer, encoded.byteOffset, encoded.length).toString("base64") as EncodedSignals;
}

function encode(signals: readonly Signal[]): Uint8Array {
  return toBinary(SendRequestSchema, create(SendRequestSchema, { signals: [...signals] }), binaryOptions);
}

export function signalBytes(encoded: EncodedSignals): Buffer {
  return Buffer.from(encoded, "base64");
}

export function decodeSignals(encoded: EncodedSignals): Signal[] {
  return fromBinary(SendRequestSchema, signalBytes(encoded)).signals;
}

/** The signals' bytes in a request that has them in one piece; otherwise undefined. */
function cutSignals(bytes: Uint8Array): Uint8Array | undefined {
  const reader = new BinaryReader(bytes);
  let [from, to] = [-1, -1];
  while (reader.pos < reader.len) {
    const start = reader.pos;
    const [field, type] = reader.tag();
    reader.skip(type, field);
    if (field !== signalsField.number) continue;
    if (from < 0) from = start;
    else if (start !== to) return undefined;
    to = reader.pos;
  }
  return from < 0 ? undefined : bytes.subarray(from, to);
}
