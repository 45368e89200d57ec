import { durationMs, timestampMs } from "@bufbuild/protobuf/wkt";
import {
  MatchEnded_Reason,
  type MatchEnded,
  type Profile as WireProfile,
  type Waiting,
} from "../gen/satoshigle/v1/event_pb.js";
import {
  ReportReason as WireReportReason,
  type Preferences as WirePreferences,
} from "../gen/satoshigle/v1/matching_pb.js";
import type { Activity, EndReason, PartnerPresence, Preferences, Profile, ReportReason } from "../types.js";

/** The usual time that an absent partner has to return: a snapshot does not contain the exact one. */
const RETURN_WINDOW_MS = 60_000;

type WaitingActivity = Extract<Activity, { phase: "waiting" }>;

/** A wait that has just begun. */
export function newWait(nowMs: number): WaitingActivity {
  return {
    phase: "waiting",
    sinceMs: nowMs,
    waitingCount: 1,
    estimatedWaitMs: undefined,
    widened: false,
    onlyRecentPartners: false,
  };
}

/** The server's clock may be ahead, so the start is never later than `nowMs`. */
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

export function toPresence(present: boolean, nowMs: number): PartnerPresence {
  return present ? { status: "present" } : { status: "away", deadlineMs: nowMs + RETURN_WINDOW_MS };
}

export function toProfile(profile: WireProfile | undefined): Profile | null {
  if (!profile) return null;
  const { name, pictureUrl, badges } = profile;
  return { name: name || undefined, pictureUrl: pictureUrl || undefined, badges };
}

/** Partial, because a newer server may send reasons that this client does not know. */
const END_REASONS: Partial<Record<MatchEnded_Reason, EndReason>> = {
  [MatchEnded_Reason.UNSPECIFIED]: "partner_left",
  [MatchEnded_Reason.LEFT]: "left",
  [MatchEnded_Reason.PARTNER_LEFT]: "partner_left",
  [MatchEnded_Reason.PARTNER_SKIPPED]: "partner_skipped",
  [MatchEnded_Reason.PARTNER_LOST]: "partner_lost",
  [MatchEnded_Reason.UNRESPONSIVE]: "unresponsive",
  [MatchEnded_Reason.PARTNER_UNRESPONSIVE]: "partner_unresponsive",
  [MatchEnded_Reason.REPORTED]: "reported",
  [MatchEnded_Reason.BANNED]: "banned",
  [MatchEnded_Reason.ENDED_BY_OPERATOR]: "ended_by_operator",
};

export function toEndReason(ended: MatchEnded): EndReason {
  return END_REASONS[ended.reason] ?? "partner_left";
}

const REPORT_REASONS: Record<ReportReason, WireReportReason> = {
  sexual_content: WireReportReason.SEXUAL_CONTENT,
  harassment: WireReportReason.HARASSMENT,
  violence: WireReportReason.VIOLENCE,
  minor: WireReportReason.MINOR,
  spam: WireReportReason.SPAM,
  other: WireReportReason.OTHER,
};

export function fromReportReason(reason: ReportReason): WireReportReason {
  return REPORT_REASONS[reason];
}

export function fromPreferences(
  preferences: Preferences,
): Pick<WirePreferences, "interests" | "languages" | "relayOnly"> {
  return {
    // One interest may be typed in several ways, and the server refuses a repeated one.
    interests: [...new Set(preferences.interests?.map((interest) => interest.normalize("NFKC")))],
    languages: [...(preferences.languages ?? [])],
    relayOnly: preferences.relayOnly ?? false,
  };
}
