import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import {
  type AuditRecordSchema,
  type CaseNoteSchema,
  CaseOutcome as WireOutcome,
  type CaseRecordSchema,
  CaseState as WireState,
} from "../../../gen/satoshigle/internal/v1/case_pb.js";
import type { AuditEntry } from "../../core/audit.js";
import { type Case, type CaseNote, type CaseOutcome, type CaseState, priorityOf, stateOf } from "../../core/case.js";
import { subjectIn, type Subjects } from "./render-records.js";

/** The wire type of each state. */
export const caseStates = {
  open: WireState.OPEN,
  in_review: WireState.IN_REVIEW,
  resolved: WireState.RESOLVED,
} as const satisfies Record<CaseState, WireState>;

/** The wire type of each outcome. */
export const caseOutcomes = {
  no_violation: WireOutcome.NO_VIOLATION,
  warned: WireOutcome.WARNED,
  restricted: WireOutcome.RESTRICTED,
  banned: WireOutcome.BANNED,
  referred: WireOutcome.REFERRED,
} as const satisfies Record<CaseOutcome, WireOutcome>;

export function renderCase(found: Case, subjects: Subjects, nowMs: number): MessageInitShape<typeof CaseRecordSchema> {
  const { number, reportedKey, reason, reporters, reports, notes, openedMs, reportedMs } = found;
  const state = stateOf(found, nowMs);
  return {
    caseId: String(number),
    reportedKey,
    reportedSubject: subjectIn(subjects, reportedKey),
    state: caseStates[state],
    reason,
    priority: priorityOf(found),
    reporterCount: reporters,
    reportCount: reports,
    noteCount: notes,
    createTime: timestampFromMs(openedMs),
    lastReportTime: timestampFromMs(reportedMs),
    ...renderProgress(found, state),
  };
}

function renderProgress({ lease, resolution }: Case, state: CaseState): MessageInitShape<typeof CaseRecordSchema> {
  if (resolution !== undefined) {
    const { by, outcome, text, atMs } = resolution;
    const ended = { outcome: caseOutcomes[outcome], resolution: text, resolveTime: timestampFromMs(atMs) };
    return { moderator: by, ...ended };
  }
  if (lease === undefined || state !== "in_review") return {};
  return { moderator: lease.by, leaseExpireTime: timestampFromMs(lease.untilMs) };
}

export function renderNote({ by, text, atMs }: CaseNote): MessageInitShape<typeof CaseNoteSchema> {
  return { moderator: by, text, createTime: timestampFromMs(atMs) };
}

export function renderAuditEntry(entry: AuditEntry): MessageInitShape<typeof AuditRecordSchema> {
  const { number, act, by, detail, atMs } = entry;
  return {
    ...{ entryId: String(number), act, moderator: by, detail },
    caseId: toId(entry.case),
    reportId: toId(entry.report),
    actionId: entry.action ?? "",
    createTime: timestampFromMs(atMs),
  };
}

function toId(number: number | undefined): string {
  return number === undefined ? "" : String(number);
}
