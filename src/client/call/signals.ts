import { create } from "@bufbuild/protobuf";
import {
  CandidateSchema,
  Description_Type,
  DescriptionSchema,
  SignalSchema,
  type Candidate,
  type Description,
  type Signal,
} from "../gen/satoshigle/v1/signal_pb.js";

export function fromDescription(type: "offer" | "answer", sdp: string, connectionId: string): Description {
  const wireType = type === "offer" ? Description_Type.OFFER : Description_Type.ANSWER;
  return create(DescriptionSchema, { type: wireType, sdp, connectionId });
}

export function toCandidateInit(candidate: Candidate): RTCIceCandidateInit {
  return {
    candidate: candidate.candidate,
    sdpMid: candidate.sdpMid ?? null,
    sdpMLineIndex: candidate.sdpMlineIndex ?? null,
    usernameFragment: candidate.usernameFragment ?? null,
  };
}

export function descriptionSignal(description: Description): Signal {
  return create(SignalSchema, { kind: { case: "description", value: description } });
}

export function candidateSignal(from: RTCIceCandidate): Signal {
  const value = create(CandidateSchema, { candidate: from.candidate });
  if (from.sdpMid !== null) value.sdpMid = from.sdpMid;
  if (from.sdpMLineIndex !== null) value.sdpMlineIndex = from.sdpMLineIndex;
  if (from.usernameFragment !== null) value.usernameFragment = from.usernameFragment;
  return create(SignalSchema, { kind: { case: "candidate", value } });
}

export function candidatesDoneSignal(): Signal {
  return create(SignalSchema, { kind: { case: "candidatesDone", value: {} } });
}
