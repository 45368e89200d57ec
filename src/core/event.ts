import type { MatchId } from "./ids.js";
import type { EndReason, Role } from "./match.js";
import type { Description, EncodedSignals } from "./signal.js";
import type { TipNews } from "./tip.js";

/** Everything that happens to a session and must reach it, each once and in order. Kept in its mailbox. */
export type Event =
  | ({ type: "waiting" } & Wait)
  | {
      type: "matched";
      matchId: MatchId;
      role: Role;
      sharedInterests: readonly string[];
      /** The partner's offer, if it had one at hand. */
      offer?: Description | undefined;
      relayOnly: boolean;
      /** Since when this side had waited, in milliseconds. */
      sinceMs: number;
    }
  | {
      type: "signaled";
      matchId: MatchId;
      relayOnly: boolean;
      /** Whether an offer or an answer is among the signals. */
      described: boolean;
      signals: EncodedSignals;
    }
  | { type: "partner_away"; matchId: MatchId; deadlineMs: number }
  | { type: "partner_back"; matchId: MatchId }
  | { type: "match_ended"; matchId: MatchId; reason: EndReason; requeued: boolean }
  /** A tip from or to this session is in a new state. */
  | ({ type: "tip_updated" } & TipNews);

/** How a wait stands. */
export interface Wait {
  sinceMs: number;
  waitingCount: number;
  /** Undefined while nothing is known. */
  estimatedWaitMs: number | undefined;
  widened: boolean;
  onlyRecentPartners: boolean;
}

/** Whether a wait has changed so much that it is worth telling. A count in the thousands may drift by a twentieth. */
export function isNews(told: Wait, now: Wait): boolean {
  const drift = Math.abs(now.waitingCount - told.waitingCount);
  return (
    drift > told.waitingCount / 20 || told.widened !== now.widened || told.onlyRecentPartners !== now.onlyRecentPartners
  );
}

/** The state of a session as a stream tells it when it opens. */
export type Snapshot =
  | { state: "idle" }
  | ({ state: "waiting" } & Wait)
  | {
      state: "matched";
      matchId: MatchId;
      role: Role;
      partnerPresent: boolean;
      /** Highest client sequence taken from this side in this match. */
      clientSequence: number;
      sharedInterests: readonly string[];
      relayOnly: boolean;
      startMs: number;
    };

/** An event in its place. */
export interface Numbered {
  sequence: number;
  event: Event;
}

/** Bytes an event takes up in a mailbox, roughly. */
export function eventBytes(event: Event): number {
  if (event.type === "signaled") return 64 + event.signals.length;
  if (event.type === "matched") return 256 + (event.offer?.sdp.length ?? 0);
  if (event.type === "tip_updated") return 512 + 2 * event.comment.length + (event.invoice?.text.length ?? 0);
  return 64;
}
