import type { Evidence, EvidencePiece, Opening } from "../core/evidence.js";

// Evidence is encrypted, and belongs to a report. It is dropped together with the report, or with the case of the report.
// Every verb is one atomic step and safe to repeat; its changes are durable when it resolves.

export interface EvidenceStore {
  /**
   * Stores a piece of the evidence for the report that its reporter made about the match, not longer ago than
   * `ATTACHABLE_MS`. Beyond `maxPieces` of all reports, by default `limits.keptEvidencePieces`, the evidence of the oldest
   * other report is dropped.
   * @returns `stored` also for a piece that is stored already; `unreported` without such a report; `taken` if another piece
   * has the index, or the others say another count
   */
  addPiece(piece: EvidencePiece, maxPieces?: number): Promise<"stored" | "unreported" | "taken">;
  /** Returns which of these reports have all pieces of their evidence. */
  complete(reports: readonly number[]): Promise<number[]>;
  /**
   * Returns complete evidence, and writes into the audit log that it was opened.
   * @returns `unreported` if there is no such report, `missing` if it has no complete evidence
   */
  open(opening: Opening): Promise<Evidence | "unreported" | "missing">;
  /** Drops the evidence of reports made before a time, at most `limit`. @returns whether there may be more */
  prune(due: { reportsBeforeMs: number; limit: number }): Promise<boolean>;
}
