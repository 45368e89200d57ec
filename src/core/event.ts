import type { Warning } from "./action.js";
import type { Said } from "./criteria.js";
import type { Ending } from "./guest.js";
import type { MatchId } from "./ids.js";
import type { Descriptions, EndReason, Role } from "./match.js";
import type { Mode } from "./matching-schema.js";
import type { Profile } from "./identity.js";
import type { MinutePrices } from "./price.js";
import type { Description, EncodedSignals } from "./signal.js";
import type { ReportAnswer } from "./report.js";
import type { TipView } from "./tip.js";

/** What happens to a session, delivered once and in order. Kept in its mailbox. */
export type Event =
  | ({ type: "waiting" } & Wait)
  | {
      type: "matched";
      matchId: MatchId;
      role: Role;
      sharedInterests: readonly string[];
      /** What else both are, of what they may learn. */
      sharedAttributes?: Said | undefined;
      /** What the partner sends; video if undefined. */
      partnerMode?: Mode | undefined;
      /** What this side was matched as; video if undefined. */
      ownMode?: Mode | undefined;
      /** The partner's offer, if it sent one in advance. */
      offer?: Description | undefined;
      relayOnly: boolean;
      /** Since when this side has waited, in milliseconds. */
      sinceMs: number;
      /** What the partner wants to be shown as. */
      partnerProfile?: Profile | undefined;
      /** Undefined if neither side asks for anything. */
      minutePrices?: MinutePrices | undefined;
    }
  | {
      type: "signaled";
      matchId: MatchId;
      relayOnly: boolean;
      /** Whether an offer or an answer is among the signals. */
      described: boolean;
      signals: EncodedSignals;
      /** In the mailbox of a guest: what is needed to relay them in its other realm. */
      post?: ({ clientSequence: number } & Descriptions) | undefined;
    }
  | { type: "partner_away"; matchId: MatchId; deadlineMs: number }
  | { type: "partner_back"; matchId: MatchId }
  | {
      type: "match_ended";
      matchId: MatchId;
      reason: EndReason;
      requeued: boolean;
      /** In the mailbox of a guest. */
      ending?: Ending | undefined;
    }
  /** A tip from or to this session changed. */
  | ({ type: "tip_updated" } & TipView)
  /** A report of this session's person or browser was resolved. */
  | ({ type: "report_updated" } & ReportAnswer)
  /** Moderators warn this session's person or browser. */
  | ({ type: "warned" } & Warning);

/** The state of a wait. */
export interface Wait {
  sinceMs: number;
  waitingCount: number;
  /** Undefined while there is no estimate. */
  estimatedWaitMs: number | undefined;
  /** Whether the interests gave way. */
  widened: boolean;
  /** The filters that gave way, in that order; undefined for none. */
  gaveWay?: readonly string[] | undefined;
  onlyRecentPartners: boolean;
  /** How many sessions fit that may be paired later, at most `limits.countedFitting`; undefined for none. */
  fittingCount?: number | undefined;
}

/** Whether a wait has changed enough to send it again. The count may drift by a twentieth. */
export function hasChanged(sent: Wait, now: Wait): boolean {
  const drift = Math.abs(now.waitingCount - sent.waitingCount);
  return (
    drift > sent.waitingCount / 20 ||
    sent.gaveWay?.length !== now.gaveWay?.length ||
    sent.onlyRecentPartners !== now.onlyRecentPartners ||
    sent.fittingCount !== now.fittingCount
  );
}

/** The state of a session when a stream opens. */
export type Snapshot =
  | { state: "idle" }
  | ({ state: "waiting" } & Wait)
  | {
      state: "matched";
      matchId: MatchId;
      role: Role;
      partnerPresent: boolean;
      /** Highest client sequence received from this side in this match. */
      clientSequence: number;
      sharedInterests: readonly string[];
      sharedAttributes?: Said | undefined;
      partnerMode?: Mode | undefined;
      ownMode?: Mode | undefined;
      relayOnly: boolean;
      startMs: number;
      partnerProfile?: Profile | undefined;
      minutePrices?: MinutePrices | undefined;
    };

/** An event and its sequence. */
export interface SequencedEvent {
  sequence: number;
  event: Event;
}

/** The approximate size of an event in a mailbox, in bytes. */
export function eventBytes(event: Event): number {
  if (event.type === "signaled") return 64 + event.signals.length;
  if (event.type === "matched") {
    return 256 + (event.offer?.sdp.length ?? 0) + profileBytes(event.partnerProfile) + sharedBytes(event);
  }
  if (event.type === "tip_updated") return 512 + 2 * event.comment.length + (event.invoice?.text.length ?? 0);
  if (event.type === "warned") return 128 + 2 * event.statement.length;
  return 64;
}

function sharedBytes({ sharedAttributes: others }: { sharedAttributes?: Said | undefined }): number {
  return others === undefined ? 0 : JSON.stringify(others).length;
}

/** The approximate size of a profile. */
export function profileBytes(profile: Profile | undefined): number {
  return profile === undefined ? 0 : JSON.stringify(profile).length;
}
