import type { MatchId, SessionId } from "../core/ids.js";

/** What must outlive sessions and the process. */
export interface Records {
  /**
   * Stores a report; durable when it resolves. Idempotent by reporter and match: the first stays.
   * @returns whether it is new.
   */
  addReport(report: Report): Promise<boolean>;
  /** The newest reports first, at most `limit`. */
  listReports(limit: number): Promise<Report[]>;
  close(): Promise<void>;
}

export interface Report {
  reporterId: SessionId;
  reportedId: SessionId;
  matchId: MatchId;
  reason: ReportReason;
  /** The reporter's words; may be empty. Never logged. */
  comment: string;
  createdMs: number;
}

export type ReportReason = "sexual_content" | "harassment" | "violence" | "minor" | "spam" | "other";
