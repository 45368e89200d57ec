import type { Action } from "./action.js";
import type { AppealDecision } from "./appeal.js";
import type { CaseAct, CaseDecision, Moderator } from "./case.js";
import type { ActionId, AddressKey } from "./ids.js";

/** What a moderator or the machine did. */
export interface AuditAct {
  act:
    | "case_opened"
    | "case_claimed"
    | "case_released"
    | "case_resolved"
    | "note_added"
    | "banned"
    | "unbanned"
    | "report_resolved"
    | "action_taken"
    | "action_lifted"
    | "evidence_opened"
    | "appeal_filed"
    | "appeal_upheld"
    | "appeal_reversed";
  /** Who did it; empty for the machine. */
  by: Moderator | "";
  /** The number of the case; undefined for what is not about one. */
  case?: number | undefined;
  /** The number of a resolved report, or of the one whose evidence was opened. */
  report?: number | undefined;
  /** The action that was taken or lifted. */
  action?: ActionId | undefined;
  /** The outcome of a resolved case, the key that a new case, a ban or an appeal is about, the kind and the key of an action. */
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

export function banAudit(act: "banned" | "unbanned", addressKey: AddressKey, by: Moderator): AuditAct {
  return { act, by, detail: addressKey };
}

/** The banned person or network is not an operator, so the entry has no name. */
export function appealFiledAudit(addressKey: AddressKey): AuditAct {
  return { act: "appeal_filed", by: "", detail: addressKey };
}

export function appealAudit({ outcome, by }: AppealDecision, addressKey: AddressKey): AuditAct {
  return { act: `appeal_${outcome}`, by, detail: addressKey };
}

export function reportAudit(report: number, by: Moderator): AuditAct {
  return { act: "report_resolved", by, report, detail: "" };
}

export function evidenceAudit(report: number, ofCase: number, by: Moderator): AuditAct {
  return { act: "evidence_opened", by, case: ofCase, report, detail: "" };
}

type AuditedAction = Pick<Action, "id" | "kind" | "addressKey">;

export function actionAudit(
  act: "action_taken" | "action_lifted",
  { id, kind, addressKey }: AuditedAction,
  by: Moderator,
): AuditAct {
  return { act, by, action: id, detail: `${kind} ${addressKey}` };
}
