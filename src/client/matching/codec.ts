import { durationMs, timestampMs } from "@bufbuild/protobuf/wkt";
import {
  MatchEnded_Reason,
  type InMatch,
  type Matched,
  type MatchEnded,
  type Profile as WireProfile,
  type Waiting,
} from "../gen/satoshigle/v1/event_pb.js";
import {
  ReportReason as WireReportReason,
  type AttributeValues as WireValues,
} from "../gen/satoshigle/v1/matching_pb.js";
import type {
  Activity,
  AttributeValues,
  EndReason,
  PartnerPresence,
  Preferences,
  Profile,
  ReportReason,
} from "../types.js";

/** The usual time that an absent partner has to return: a snapshot does not contain the exact one. */
const RETURN_WINDOW_MS = 60_000;

type WaitingActivity = Extract<Activity, { phase: "waiting" }>;
type MatchActivity = Extract<Activity, { phase: "matched" }>;

/** A wait that has just begun. */
export function newWait(nowMs: number): WaitingActivity {
  return toWaiting({}, nowMs, 0);
}

/** @param clockOffsetMs how far the server's clock is ahead of ours; a start is never later than `nowMs` */
export function toWaiting(waiting: Partial<Waiting>, nowMs: number, clockOffsetMs: number): WaitingActivity {
  const { startTime, waitingCount = 0, estimatedWait, widened = false, onlyRecentPartners = false } = waiting;
  const { gaveWay = [], fittingCount = 0 } = waiting;
  return {
    phase: "waiting",
    sinceMs: startTime ? Math.min(nowMs, timestampMs(startTime) - clockOffsetMs) : nowMs,
    waitingCount,
    estimatedWaitMs: estimatedWait && durationMs(estimatedWait),
    widened,
    onlyRecentPartners,
    gaveWay,
    fittingCount,
  };
}

/** A match as `Matched` or a snapshot describes it. */
export type MatchInfo = Pick<InMatch, "matchId" | "role" | "partnerPresent" | "clientSequence"> &
  Pick<Matched, "sharedInterests" | "sharedAttributes" | "partnerMode" | "ownMode" | "partnerProfile"> &
  Pick<Matched, "iceTransportPolicy" | "iceServers" | "$unknown">;

/**
 * A match that has just begun.
 * @param mode what this side may negotiate: anything unless it is `audio` or `text`
 */
export function newMatch(match: MatchInfo, relayOnly: boolean, mode: string, nowMs: number): MatchActivity {
  const { matchId, sharedInterests, sharedAttributes, partnerMode, partnerPresent } = match;
  return {
    phase: "matched",
    matchId,
    sharedInterests,
    sharedAttributes: Object.fromEntries(sharedAttributes.map(({ name, values }) => [name, values])),
    mode: mode || "video",
    partnerMode: partnerMode || "video",
    profile: toProfile(match.partnerProfile),
    relayOnly,
    direct: "nobody",
    call: "connecting",
    partner: toPresence(partnerPresent, nowMs),
    signaled: true,
    chatReady: false,
  };
}

export function toPresence(present: boolean, nowMs: number): PartnerPresence {
  return present ? { status: "present" } : { status: "away", deadlineMs: nowMs + RETURN_WINDOW_MS };
}

function toProfile(profile: WireProfile | undefined): Profile | null {
  if (!profile) return null;
  const { name, pictureUrl, badges } = profile;
  return { name: name || undefined, pictureUrl: pictureUrl || undefined, badges };
}

/** All but that the partner left, which is also what the reasons of a newer server mean to this client. */
const END_REASONS: Partial<Record<MatchEnded_Reason, EndReason>> = {
  [MatchEnded_Reason.LEFT]: "left",
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

function fromValues(values: AttributeValues = {}): Pick<WireValues, "name" | "values">[] {
  return Object.entries(values).map(([name, some]) => ({ name, values: some }));
}

/** What a person wants, as a part of the request. */
export function fromPreferences(wanted: Preferences) {
  const { interests, languages = [], relayOnly = false, priceMsatPerMinute = 0, attributes, filters } = wanted;
  return {
    preferences: {
      // One interest may be typed in several ways, and the server refuses a repeated one.
      interests: [...new Set(interests?.map((interest) => interest.normalize("NFKC")))],
      languages: [...languages],
      relayOnly,
      // The server refuses -1, and names the field.
      priceMsatPerMinute: BigInt(Number.isSafeInteger(priceMsatPerMinute) ? priceMsatPerMinute : -1),
    },
    attributes: fromValues(attributes),
    filters: fromValues(filters),
  };
}
