import type { AddressKey, MatchId, SessionId } from "./ids.js";
import { limits } from "./limits.js";

export type ReportReason = "sexual_content" | "harassment" | "violence" | "minor" | "spam" | "other";

/** What somebody said about a partner. */
export interface Report {
  reporterId: SessionId;
  reporterKey: AddressKey;
  reportedKey: AddressKey;
  matchId: MatchId;
  reason: ReportReason;
  /** The reporter's words; may be empty. Never logged. */
  comment: string;
  /** When the match began. */
  matchStartMs: number;
  createdMs: number;
}

/** How many reports are kept. Beyond either number the oldest are dropped: of all, or of those from that network. */
export interface KeptReports {
  all: number;
  fromNetwork: number;
}

export const keptReports: KeptReports = { all: limits.keptReports, fromNetwork: limits.keptReportsFromNetwork };

/** Reports count towards a ban for this long, in milliseconds. */
export const COUNTED_MS = 24 * 60 * 60_000;
/** Reports are kept for this long, in milliseconds. */
export const REPORT_KEPT_MS = 90 * COUNTED_MS;

/**
 * Whether a report counts towards a ban: nobody's own network counts against it, and one network counts once against
 * another, and against so many others, in `COUNTED_MS`.
 * @param counted whom reports from the reporter's network counted against in that time
 */
export function counts({ reporterKey, reportedKey }: Report, counted: ReadonlySet<AddressKey>): boolean {
  return reporterKey !== reportedKey && !counted.has(reportedKey) && counted.size < limits.countedReports;
}
