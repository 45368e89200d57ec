import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import {
  Description_Type,
  type DescriptionSchema,
  IceTransportPolicy,
  type IceServerSchema,
  type SignalSchema,
} from "../../../gen/satoshigle/v1/signal_pb.js";
import { type GetIceServersResponse, GetIceServersResponseSchema } from "../../../gen/satoshigle/v1/signaling_pb.js";
import type { IceServer } from "../../core/ice-server.js";
import type { Description, Signal } from "../../core/signal.js";

export function renderSignal(signal: Signal): MessageInitShape<typeof SignalSchema> {
  switch (signal.kind) {
    case "description":
      return { kind: { case: "description", value: renderDescription(signal) } };
    case "candidate": {
      const { candidate, sdpMid, sdpMlineIndex, usernameFragment } = signal;
      const value = {
        candidate,
        ...(sdpMid !== undefined && { sdpMid }),
        ...(sdpMlineIndex !== undefined && { sdpMlineIndex }),
        ...(usernameFragment !== undefined && { usernameFragment }),
      };
      return { kind: { case: "candidate", value } };
    }
    case "candidates_done":
      return { kind: { case: "candidatesDone", value: {} } };
  }
}

export function renderDescription({
  type,
  sdp,
  connectionId,
}: Description): MessageInitShape<typeof DescriptionSchema> {
  return { type: descriptionTypes[type], sdp, connectionId };
}

export function renderIceServer({
  urls,
  username,
  credential,
  lifetimeMs,
}: IceServer): MessageInitShape<typeof IceServerSchema> {
  return {
    urls,
    ...(username !== undefined && { username }),
    ...(credential !== undefined && { credential }),
    ...(lifetimeMs !== undefined && { lifetime: durationFromMs(lifetimeMs) }),
  };
}

export function renderIcePolicy(relayOnly: boolean): IceTransportPolicy {
  return relayOnly ? IceTransportPolicy.RELAY : IceTransportPolicy.ALL;
}

export function renderIceServers(servers: readonly IceServer[]): GetIceServersResponse {
  return create(GetIceServersResponseSchema, { iceServers: servers.map(renderIceServer) });
}

const descriptionTypes = {
  offer: Description_Type.OFFER,
  answer: Description_Type.ANSWER,
  rollback: Description_Type.ROLLBACK,
} as const satisfies Record<Description["type"], Description_Type>;
