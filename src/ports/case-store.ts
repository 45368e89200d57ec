import type { AuditDraft, AuditEntry } from "../core/audit.js";
import type { Case, CaseAct, CaseNote, CasePlace, CaseRefusal } from "../core/case.js";
import type { StoredReport } from "./moderation-store.js";

// Cases gather the reports about one key. `addReport` of the moderation store opens and raises them in its own step. Every
// verb is one atomic step and safe to repeat; its changes are durable when it resolves.

export interface CaseStore {
  /** Returns a case and its notes, the oldest first. */
  getCase(number: number): Promise<{ case: Case; notes: CaseNote[] } | undefined>;
  /**
   * Returns the cases of a queue (`queuesOf`) behind a place, in order, at most `limit`. It visits no others. From page to
   * page, a case is returned once unless its place changes.
   */
  casesIn(queue: string, after: CasePlace | undefined, limit: number): Promise<Case[]>;
  /** Returns cases with a higher revision, the lowest first, at most `limit`. A case that changed twice is returned once. */
  casesAfter(revision: number, limit: number): Promise<Case[]>;
  /** Returns the stored reports of a case with a lower number, the newest first, at most `limit`. */
  reportsOf(number: number, before: number, limit: number): Promise<StoredReport[]>;
  /**
   * Does what `decide` allows, with an entry in the audit log. Of two moderators that claim a case at once, one is
   * refused. A resolution is counted for or against each reporter of the case (`Tally`), and logged as an event.
   */
  actOn(number: number, act: CaseAct): Promise<CaseAnswer>;
  /** Adds an entry to the audit log about what no verb of a store logs in its own step. A repeated call adds another. */
  logAct(entry: AuditDraft): Promise<void>;
  /**
   * Returns entries of the audit log with a lower number, the newest first, at most `limit`. The log is append-only: no
   * verb changes an entry, and only age removes one, or that the log has more than `limits.keptAuditEntries`.
   */
  auditBefore(number: number, limit: number): Promise<AuditEntry[]>;
  /**
   * Drops cases whose last change, and entries of the audit log and tallies whose time was before a time, at most
   * `limit` of each.
   * @returns whether there may be more
   */
  prune(due: { casesBeforeMs: number; auditBeforeMs: number; limit: number }): Promise<boolean>;
}

/** The case after an act, or why it was refused. */
export type CaseAnswer = { state: "done" | CaseRefusal; case: Case } | { state: "unknown" };
