import { toBinary } from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { SignalReceivedSchema } from "../../gen/satoshigle/v1/event_pb.js";
import { SignalResponseSchema } from "../../gen/satoshigle/v1/signaling_pb.js";
import type { Delivery } from "../app/sessions.js";
import { type RenderContext, renderDelivery } from "./render.js";
import { signalBytes } from "./seal.js";

const { sequence: sequenceField, signalReceived: receivedField } = SignalResponseSchema.field;
const matchIdField = SignalReceivedSchema.field.matchId;

/** A delivery in binary. Signals that only pass through keep the bytes they came in. */
export function encodeDelivery(delivery: Delivery, context: RenderContext): Uint8Array {
  const { sequence, event } = delivery;
  if (event.type !== "signaled" || event.relayOnly) {
    return toBinary(SignalResponseSchema, renderDelivery(delivery, context));
  }
  return new BinaryWriter()
    .tag(sequenceField.number, WireType.Varint)
    .int32(sequence)
    .tag(receivedField.number, WireType.LengthDelimited)
    .fork()
    .tag(matchIdField.number, WireType.LengthDelimited)
    .string(event.matchId)
    .raw(signalBytes(event.signals))
    .join()
    .finish();
}
