import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { MatchRequestSchema } from "../../../gen/satoshigle/v1/matching_pb.js";
import { Description_Type, type SignalSchema } from "../../../gen/satoshigle/v1/signal_pb.js";
import { SendRequestSchema } from "../../../gen/satoshigle/v1/signaling_pb.js";
import type { RawClient } from "../redis/raw-client.js";
import { candidate, sdp } from "../redis/payloads.js";
import { CANDIDATES } from "./system.js";

type SignalInit = MessageInitShape<typeof SignalSchema>;

const offer = { type: Description_Type.OFFER, sdp, connectionId: "c" };
const described = (type: Description_Type): SignalInit => ({
  kind: { case: "description", value: { type, sdp, connectionId: "c" } },
});
const found: SignalInit = { kind: { case: "candidate", value: candidate } };
const done: SignalInit = { kind: { case: "candidatesDone", value: {} } };

/** What a call of `Send` may carry, as bytes of `SendRequest.signals`. */
export const parcels = {
  offer: bytesOf([described(Description_Type.OFFER)]),
  answer: bytesOf([described(Description_Type.ANSWER)]),
  candidate: bytesOf([found]),
  /** As our client sends them: it waits a little for more. */
  candidates: bytesOf([...Array.from({ length: CANDIDATES }, () => found), done]),
};
export type Parcel = keyof typeof parcels;

function bytesOf(signals: SignalInit[]): Uint8Array {
  return toBinary(SendRequestSchema, create(SendRequestSchema, { signals }));
}

/** `match_id` and `client_sequence` as Protobuf begins them. */
const [MATCH_TAG, SEQUENCE_TAG] = [0x0a, 0x10];

/** A whole request, put together from parts that are ready. Sequences are below 128. */
export function sendRequest(client: RawClient, matchId: string, sequence: number, parcel: Parcel): Buffer {
  const signals = parcels[parcel];
  const id = Buffer.from(matchId, "latin1");
  const length = 2 + id.length + 2 + signals.length;
  const start = Buffer.of(MATCH_TAG, id.length);
  return Buffer.concat([
    headOf(client, "SignalService/Send", length),
    start,
    id,
    Buffer.of(SEQUENCE_TAG, sequence),
    signals,
  ]);
}

export function matchRequest(client: RawClient, interest: string, withOffer: boolean, leaveMatchId: string): Buffer {
  const preferences = { interests: [interest] };
  const wish = create(MatchRequestSchema, { preferences, leaveMatchId, ...(withOffer && { offer }) });
  const body = toBinary(MatchRequestSchema, wish);
  return Buffer.concat([headOf(client, "MatchService/Match", body.length), body]);
}

export function leaveRequest(client: RawClient): Buffer {
  return headOf(client, "MatchService/Leave", 0);
}

const heads = new WeakMap<RawClient, Map<string, Buffer>>();

/** Put together at its first use. */
function headOf(client: RawClient, method: string, length: number): Buffer {
  const known = heads.get(client) ?? new Map<string, Buffer>();
  heads.set(client, known);
  const key = `${method} ${String(length)}`;
  const head = known.get(key) ?? client.head(method, length);
  known.set(key, head);
  return head;
}
