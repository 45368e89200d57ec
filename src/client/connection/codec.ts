import { create } from "@bufbuild/protobuf";
import { timestampMs, type Duration } from "@bufbuild/protobuf/wkt";
import { MatchEnded_Reason, type MatchEnded, type Waiting } from "../gen/satoshigle/v1/event_pb.js";
import {
  ReportReason as WireReportReason,
  type Preferences as WirePreferences,
} from "../gen/satoshigle/v1/matching_pb.js";
import {
  CandidateSchema,
  Description_Type,
  DescriptionSchema,
  SignalSchema,
  type Candidate,
  type Description,
  type IceServer,
  type Signal,
} from "../gen/satoshigle/v1/signal_pb.js";
import type { Activity, EndReason, Preferences, ReportReason } from "../types.js";

type WaitingActivity = Extract<Activity, { phase: "waiting" }>;

export function durationMs(duration: Duration): number {
  return Number(duration.seconds) * 1000 + Math.round(duration.nanos / 1e6);
}

/** The server's clock may be ahead of ours; nobody has waited since tomorrow. */
export function toWaiting(waiting: Waiting, nowMs: number): WaitingActivity {
  return {
    phase: "waiting",
    sinceMs: waiting.startTime ? Math.min(nowMs, timestampMs(waiting.startTime)) : nowMs,
    waitingCount: waiting.waitingCount,
    estimatedWaitMs: waiting.estimatedWait && durationMs(waiting.estimatedWait),
    widened: waiting.widened,
    onlyRecentPartners: waiting.onlyRecentPartners,
  };
}

/** Partial, because a newer server may know reasons that this client does not. */
const endReasons: Partial<Record<MatchEnded_Reason, EndReason>> = {
  [MatchEnded_Reason.UNSPECIFIED]: "partner_left",
  [MatchEnded_Reason.LEFT]: "left",
  [MatchEnded_Reason.PARTNER_LEFT]: "partner_left",
  [MatchEnded_Reason.PARTNER_SKIPPED]: "partner_skipped",
  [MatchEnded_Reason.PARTNER_LOST]: "partner_lost",
  [MatchEnded_Reason.UNRESPONSIVE]: "unresponsive",
  [MatchEnded_Reason.PARTNER_UNRESPONSIVE]: "partner_unresponsive",
  [MatchEnded_Reason.REPORTED]: "reported",
  [MatchEnded_Reason.BANNED]: "banned",
};

export function toEndReason(ended: MatchEnded): EndReason {
  return endReasons[ended.reason] ?? "partner_left";
}

const reportReasons: Record<ReportReason, WireReportReason> = {
  sexual_content: WireReportReason.SEXUAL_CONTENT,
  harassment: WireReportReason.HARASSMENT,
  violence: WireReportReason.VIOLENCE,
  minor: WireReportReason.MINOR,
  spam: WireReportReason.SPAM,
  other: WireReportReason.OTHER,
};

export function fromReportReason(reason: ReportReason): WireReportReason {
  return reportReasons[reason];
}

export function fromPreferences(
  preferences: Preferences,
): Pick<WirePreferences, "interests" | "languages" | "relayOnly"> {
  return {
    interests: [...(preferences.interests ?? [])],
    languages: [...(preferences.languages ?? [])],
    relayOnly: preferences.relayOnly ?? false,
  };
}

export function toIceServers(servers: IceServer[]): RTCIceServer[] {
  return servers
    .filter((server) => server.urls.length > 0)
    .map(({ urls, username, credential }) => (username ? { urls, username, credential } : { urls }));
}

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
