import type { RootDatabase } from "lmdb";
import { auditActOf, type AuditDraft, type AuditEntry } from "../../core/audit.js";
import { type Case, type CaseAct, type CaseNote, type CasePlace, decide } from "../../core/case.js";
import type { CaseAnswer, CaseStore } from "../../ports/case-store.js";
import type { StoredReport } from "../../ports/moderation-store.js";
import { AuditShelf } from "./audit-shelf.js";
import { CaseShelf } from "./case-shelf.js";
import { commit } from "./database.js";
import { EventShelf } from "./event-shelf.js";
import { ReportShelf, toStored } from "./report-shelf.js";

/** The cases in the file of the reports. */
export class LmdbCases implements CaseStore {
  readonly #cases: CaseShelf;
  readonly #audit: AuditShelf;
  readonly #reports: ReportShelf;

  constructor(
    private readonly root: RootDatabase,
    private readonly events = new EventShelf(root),
  ) {
    this.#cases = new CaseShelf(root);
    this.#audit = new AuditShelf(root);
    this.#reports = new ReportShelf(root);
  }

  getCase(number: number): Promise<{ case: Case; notes: CaseNote[] } | undefined> {
    const found = this.#cases.get(number);
    return Promise.resolve(found && { case: found, notes: this.#cases.notesOf(number) });
  }

  casesIn(queue: string, after: CasePlace | undefined, limit: number): Promise<Case[]> {
    return Promise.resolve(this.#cases.in(queue, after, limit));
  }

  casesAfter(revision: number, limit: number): Promise<Case[]> {
    return Promise.resolve(this.#cases.after(revision, limit));
  }

  reportsOf(number: number, before: number, limit: number): Promise<StoredReport[]> {
    const found = this.#reports.listOf(number, before, limit);
    const ended = this.#cases.get(number)?.resolution;
    return Promise.resolve(found.map(({ key, value }) => toStored(key, value, ended)));
  }

  actOn(number: number, act: CaseAct): Promise<CaseAnswer> {
    return commit(this.root, () => {
      const found = this.#cases.get(number);
      if (found === undefined) return { state: "unknown" };
      const decision = decide(found, act, act.type === "note" ? this.#cases.notesOf(number).at(-1) : undefined);
      if (decision.refused !== undefined) return { state: decision.refused, case: found };
      const { next, note } = decision;
      const entry = auditActOf(act, decision);
      if (next === undefined || entry === undefined) return { state: "done", case: found };
      const stored = this.#cases.put(found, next, act.atMs);
      if (note !== undefined) this.#cases.addNote(stored, note);
      this.#audit.add(entry, act.atMs);
      if (act.type === "resolve") this.#resolved(stored, act);
      return { state: "done", case: stored };
    });
  }

  logAct(entry: AuditDraft): Promise<void> {
    return commit(this.root, () => {
      this.#audit.add(entry, entry.atMs);
    });
  }

  auditBefore(number: number, limit: number): Promise<AuditEntry[]> {
    return Promise.resolve(this.#audit.before(number, limit));
  }

  prune({ casesBeforeMs, auditBeforeMs, limit }: Parameters<CaseStore["prune"]>[0]): Promise<boolean> {
    return commit(this.root, () => {
      const left = [
        this.#cases.prune(casesBeforeMs, limit),
        this.#cases.pruneTallies(auditBeforeMs, limit),
        this.#audit.prune(auditBeforeMs, limit),
      ];
      return left.includes(true);
    });
  }

  #resolved(stored: Case, { outcome, atMs }: CaseAct & { type: "resolve" }): void {
    this.#cases.tally(stored);
    const { number, reportedKey } = stored;
    this.events.add({ type: "case_resolved", case: number, reportedKey, outcome }, atMs);
  }
}
