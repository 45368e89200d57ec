import type { Action } from "./action.js";
import type { AppealDecision } from "./appeal.js";
import type { CommandDraft } from "./channel-command.js";
import type { CaseAct, CaseDecision, Moderator } from "./case.js";
import type { ActionId, AddressKey, DepositId, MatchId, PersonKey, SessionId } from "./ids.js";

/**
 * What is logged before it is done, as another store does it: that somebody asked for it. The match, the session or the
 * deposit may have been over already, and the server may have failed meanwhile.
 */
type RequestedAct = "deposit_forfeited" | "deposit_returned" | "match_ended" | "session_closed" | "sessions_closed";

/** What is done to people, logged in the same step. */
type PersonAct = "tokens_revoked" | "person_blocked" | "person_unblocked" | "person_forgotten";

/** What the operator's node was to do, logged when it is booked; the list of commands has the outcome. */
type NodeAct = "channel_open_booked" | "channel_close_booked" | "channel_fees_booked" | "channel_policy_set";

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
    | "appeal_reversed"
    | RequestedAct
    | PersonAct
    | NodeAct;
  /** Who did it; empty for the machine. */
  by: Moderator | "";
  /** The number of the case; undefined for what is not about one. */
  case?: number | undefined;
  /** The number of a resolved report, or of the one whose evidence was opened. */
  report?: number | undefined;
  /** The action that was taken or lifted. */
  action?: ActionId | undefined;
  /**
   * The outcome of a resolved case, the key that a new case, a ban or an appeal is about, the kind and the key of an
   * action, the ID of a match or a session, the keys of people, the ID of a command to the node, the revision of its
   * policy. Never a subject, because entries outlast a person who is forgotten.
   */
  detail: string;
}

/** An act and its time, as it is to be logged. */
export interface AuditDraft extends AuditAct {
  atMs: number;
}

/** An entry of the audit log. Numbers rise in the order of the log. */
export interface AuditEntry extends AuditDraft {
  number: number;
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

export function depositAudit(act: "deposit_forfeited" | "deposit_returned", id: DepositId, by: Moderator): AuditAct {
  return { act, by, detail: id };
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

export function requestAudit(act: RequestedAct, what: MatchId | SessionId | PersonKey, by: Moderator): AuditAct {
  return { act, by, detail: what };
}

/** @param keys the person, and the other one of a block */
export function personAudit(act: PersonAct, keys: readonly PersonKey[], by: Moderator): AuditAct {
  return { act, by, detail: keys.join(" ") };
}

const nodeActs = {
  open: "channel_open_booked",
  close: "channel_close_booked",
  set_fees: "channel_fees_booked",
} as const satisfies Record<CommandDraft["act"]["kind"], NodeAct>;

export function channelAudit({ id, act, by }: Pick<CommandDraft, "id" | "act" | "by">): AuditAct {
  return { act: nodeActs[act.kind], by, detail: id };
}

export function policyAudit(revision: number, by: Moderator): AuditAct {
  return { act: "channel_policy_set", by, detail: String(revision) };
}

type AuditedAction = Pick<Action, "id" | "kind" | "addressKey">;

export function actionAudit(
  act: "action_taken" | "action_lifted",
  { id, kind, addressKey }: AuditedAction,
  by: Moderator,
): AuditAct {
  return { act, by, action: id, detail: `${kind} ${addressKey}` };
}
