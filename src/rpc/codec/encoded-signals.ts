import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { BinaryReader } from "@bufbuild/protobuf/wire";
import type { Signal } from "../../../gen/satoshigle/v1/signal_pb.js";
import { type SendRequest, SendRequestSchema } from "../../../gen/satoshigle/v1/signaling_pb.js";
import type { EncodedSignals } from "../../core/signal.js";
import { binaryOptions } from "./decode.js";

/**
 * Signals are sealed as base64 of `SendRequest.signals` in binary. `SignalReceived.signals` has the same number and
 * type, so these bytes are also that field's, and what only passes through is neither encoded nor decoded again.
 */
const { signals: signalsField } = SendRequestSchema.field;

/**
 * What is sealed is what was decoded, and nothing else: bytes are passed on only when they say nothing beyond it.
 * @param bytes the request as it came, if `scanWire` found it plain; it must be what `request` was read from
 */
export function encodeSignals({ signals }: SendRequest, bytes?: Uint8Array): EncodedSignals {
  const encoded = (bytes && cutSignals(bytes)) ?? encode(signals);
  return Buffer.from(encoded.buffer, encoded.byteOffset, encoded.length).toString("base64") as EncodedSignals;
}

function encode(signals: readonly Signal[]): Uint8Array {
  return toBinary(SendRequestSchema, create(SendRequestSchema, { signals: [...signals] }), binaryOptions);
}

export function signalBytes(sealed: EncodedSignals): Buffer {
  return Buffer.from(sealed, "base64");
}

export function decodeSignals(sealed: EncodedSignals): Signal[] {
  return fromBinary(SendRequestSchema, signalBytes(sealed)).signals;
}

/** The signals' part of a plain request that has them in one piece; undefined for any other. */
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
