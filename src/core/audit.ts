import type { CaseAct, CaseDecision, Moderator } from "./case.js";

/** What a moderator or the machine did. */
export interface AuditAct {
  act: "case_opened" | "case_claimed" | "case_released" | "case_resolved" | "note_added" | "banned" | "evidence_opened";
  /** Who did it; empty for the machine. */
  by: Moderator | "";
  /** The number of the case. */
  case: number;
  /**
   * The outcome of a resolved case, the key that an automatic ban or a new case is about, and the number of the report
   * whose evidence was opened.
   */
  detail: string;
}

/** An entry of the audit log. Numbers rise in the order of the log. */
export interface AuditEntry extends AuditAct {
  number: number;
  atMs: number;
}

const names = {
  claim: "case_claimed",
  release: "case_released",
  resolve: "case_resolved",
  note: "note_added",
} as const satisfies Record<CaseAct["type"], AuditAct["act"]>;

/** The entry for an act; undefined if it changed nothing. */
export function auditActOf(act: CaseAct, { next }: CaseDecision & { refused?: undefined }): AuditAct | undefined {
  if (next === undefined) return undefined;
  return { act: names[act.type], by: act.by, case: next.number, detail: act.type === "resolve" ? act.outcome : "" };
}
