import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import type { Signal } from "../../gen/satoshigle/v1/signal_pb.js";
import { type SendRequest, SendRequestSchema } from "../../gen/satoshigle/v1/signaling_pb.js";
import type { SealedSignals } from "../core/signal.js";

/**
 * Signals are sealed as base64 of `SendRequest.signals` in binary. `SignalReceived.signals` has the same number and
 * type, so these bytes are also that field's, and what only passes through is neither encoded nor decoded again.
 */
const { signals: signalsField, matchId: matchIdField, clientSequence: sequenceField } = SendRequestSchema.field;

/** @param bytes the request as it came, if it came in binary; it must be what `request` was read from */
export function sealSignals({ signals }: SendRequest, bytes?: Uint8Array): SealedSignals {
  const encoded = (bytes && cutSignals(bytes)) ?? toBinary(SendRequestSchema, create(SendRequestSchema, { signals }));
  return Buffer.from(encoded.buffer, encoded.byteOffset, encoded.length).toString("base64") as SealedSignals;
}

export function signalBytes(sealed: SealedSignals): Buffer {
  return Buffer.from(sealed, "base64");
}

export function openSignals(sealed: SealedSignals): Signal[] {
  return fromBinary(SendRequestSchema, signalBytes(sealed)).signals;
}

const expectedTypes = new Map<number, WireType>([
  [matchIdField.number, WireType.LengthDelimited],
  [sequenceField.number, WireType.Varint],
  [signalsField.number, WireType.LengthDelimited],
]);

/**
 * The signals' part of a request that keeps to the schema and has them in one piece; undefined for any other, which two
 * readers might understand in two ways.
 */
function cutSignals(bytes: Uint8Array): Uint8Array | undefined {
  const reader = new BinaryReader(bytes);
  let [from, to] = [-1, -1];
  try {
    while (reader.pos < reader.len) {
      const start = reader.pos;
      const [field, type] = reader.tag();
      if (expectedTypes.get(field) !== type) return undefined;
      reader.skip(type, field);
      if (field !== signalsField.number) continue;
      if (from < 0) from = start;
      else if (start !== to) return undefined;
      to = reader.pos;
    }
  } catch {
    return undefined; // a length or a tag that the library's own reader is lenient with
  }
  return from < 0 ? undefined : bytes.subarray(from, to);
}
