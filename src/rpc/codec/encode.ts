import { WireType } from "@bufbuild/protobuf/wire";
import { SignalReceivedSchema } from "../../../gen/satoshigle/v1/event_pb.js";
import { SignalResponseSchema } from "../../../gen/satoshigle/v1/signaling_pb.js";
import type { StreamMessage } from "../../app/outbound.js";
import type { Event } from "../../core/event.js";
import { ENVELOPE_BYTES } from "../../http/request-body.js";
import { encoderOf } from "./encode-plan.js";
import { writeEnvelopeHeader } from "./envelope.js";
import { type RenderContext, renderFields } from "./render.js";

const encodeResponse = encoderOf(SignalResponseSchema);
const { sequence: sequenceField, signalReceived: receivedField } = SignalResponseSchema.field;
const sequenceTag = (sequenceField.number << 3) | WireType.Varint;
const receivedTag = (receivedField.number << 3) | WireType.LengthDelimited;
const matchIdTag = (SignalReceivedSchema.field.matchId.number << 3) | WireType.LengthDelimited;

/** Encodes messages in binary, each in its envelope. */
export function encodeBatch(batch: readonly StreamMessage[], context: RenderContext): Buffer {
  const [first] = batch;
  if (batch.length === 1 && first !== undefined) return encodeMessage(first, context);
  return Buffer.concat(batch.map((message) => encodeMessage(message, context)));
}

/** Encodes a message in binary, in its envelope. Signals that are relayed unchanged keep their bytes. */
function encodeMessage(message: StreamMessage, context: RenderContext): Buffer {
  const { sequence, event } = message;
  if (event.type === "signaled" && !event.relayOnly) return encodeSignalReceived(sequence, event);
  const bytes = encodeResponse(renderFields(message, context), ENVELOPE_BYTES);
  writeEnvelopeHeader(bytes, 0, bytes.length - ENVELOPE_BYTES);
  return bytes;
}

/** Encodes in place: streams carry mostly signals, which a writer would copy several times. */
function encodeSignalReceived(sequence: number, { matchId, signals }: Extract<Event, { type: "signaled" }>): Buffer {
  const idLength = Buffer.byteLength(matchId);
  const received = 1 + varintLength(idLength) + idLength + Buffer.byteLength(signals, "base64");
  const length = 1 + varintLength(sequence) + 1 + varintLength(received) + received;
  const bytes = Buffer.allocUnsafe(ENVELOPE_BYTES + length);
  let at = writeEnvelopeHeader(bytes, 0, length);
  at = writeVarint(bytes, sequence, bytes.writeUInt8(sequenceTag, at));
  at = writeVarint(bytes, received, bytes.writeUInt8(receivedTag, at));
  at = writeVarint(bytes, idLength, bytes.writeUInt8(matchIdTag, at));
  at += bytes.write(matchId, at);
  bytes.write(signals, at, "base64");
  return bytes;
}

function varintLength(value: number): number {
  let length = 1;
  for (let rest = value >>> 7; rest > 0; rest >>>= 7) length++;
  return length;
}

function writeVarint(bytes: Buffer, value: number, start: number): number {
  let at = start;
  let rest = value;
  for (; rest >= 0x80; rest >>>= 7) bytes[at++] = (rest & 0x7f) | 0x80;
  bytes[at++] = rest;
  return at;
}
