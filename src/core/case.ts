import type { AddressKey, Branded, NetworkKey } from "./ids.js";
import { limits } from "./limits.js";
import { narrowestOf, widestOf } from "./network-key.js";
import { accountable } from "./session-key.js";
import { type Report, REPORT_KEPT_MS, type ReportReason } from "./report.js";

/** Who works on cases, as the source of moderators names them. */
export type Moderator = Branded<"moderator">;

/** An operator who gave no name. The source of moderators allows no name with parentheses. */
export const UNNAMED = "(unnamed)" as Moderator;

export const outcomes = ["no_violation", "warned", "restricted", "banned", "referred"] as const;
/** How a case ended. `referred`: it was given to somebody else, such as the authorities. */
export type CaseOutcome = (typeof outcomes)[number];

/** A case is in review while a moderator holds its lease. It is open again when the lease ends, without a write. */
export type CaseState = "open" | "in_review" | "resolved";

/** How long a claimed case is its moderator's, in milliseconds. */
export const LEASE_MS = 15 * 60_000;
/** How long cases are kept after their last change, in milliseconds: as long as their reports. */
export const CASE_KEPT_MS = REPORT_KEPT_MS;
/** How long entries of the audit log, and the accuracy of reporters, are kept, in milliseconds. */
export const AUDIT_KEPT_MS = 400 * 24 * 60 * 60_000;

/** How grave each reason is, compared with the others. */
export const severities = {
  minor: 100,
  violence: 50,
  sexual_content: 30,
  harassment: 20,
  spam: 10,
  other: 5,
} as const satisfies Record<ReportReason, number>;

/** The reports about one person, browser or network that moderators have not resolved, or those of a resolution. */
export interface Case {
  /** Its ID, which rises with the time. */
  number: number;
  /** Rises with each change of any case. */
  revision: number;
  reportedKey: AddressKey;
  /** The gravest reason of the independent reporters. */
  reason: ReportReason;
  /** The sum of the weights of the independent reporters (`weightOf`). */
  weight: number;
  /** How many reporters are independent, up to `limits.caseReporters`. */
  reporters: number;
  reports: number;
  notes: number;
  openedMs: number;
  /** When the last report was made. */
  reportedMs: number;
  lease?: Lease | undefined;
  resolution?: CaseResolution | undefined;
}

export interface Lease {
  by: Moderator;
  untilMs: number;
}

export interface CaseResolution {
  by: Moderator;
  outcome: CaseOutcome;
  text: string;
  atMs: number;
}

export interface CaseNote {
  by: Moderator;
  text: string;
  atMs: number;
}

/** How the earlier reports of a reporter ended: how many were resolved, and how many of them led to something. */
export interface Tally {
  resolved: number;
  acted: number;
}

/** Where a case is in a queue: those of a higher priority come first; of equal ones, the oldest. */
export interface CasePlace {
  priority: number;
  number: number;
}

/** What an operator looks for. Without a state: whatever is not resolved. */
export interface CaseFilter {
  state?: CaseState | undefined;
  /** The gravest reason. */
  reason?: ReportReason | undefined;
  /** Who reviews the case, or resolved it. */
  moderator?: Moderator | undefined;
  /** Whom the case is about. Without a state: resolved or not. */
  reportedKey?: AddressKey | undefined;
}

/** Whom a case is about: the person, else the browser, else the network. */
export function caseKeyOf(reportedKey: NetworkKey): AddressKey {
  return narrowestOf(accountable(reportedKey));
}

/** Whose accuracy weighs a report: the person's, else that of the widest network. */
export function witnessOf({ reporterPerson, reporterKey }: Report): AddressKey {
  return reporterPerson ?? widestOf(reporterKey);
}

/** A reporter is independent of the others if neither its person nor its widest network has reported the case. */
export function reporterKeysOf({ reporterPerson, reporterKey }: Report): AddressKey[] {
  return [widestOf(reporterKey), ...(reporterPerson === undefined ? [] : [reporterPerson])];
}

/**
 * The weight of a reporter, in thousandths: the share of its resolved reports that led to something, as if it had made
 * one more that did and one that did not. A new reporter weighs 500, one with 1,000 unfounded reports nothing.
 */
export function weightOf({ resolved, acted }: Tally = { resolved: 0, acted: 0 }): number {
  return Math.floor((1_000 * (acted + 1)) / (resolved + 2));
}

/** Rises with the severity, and with the square root of the weight, so that a crowd does not hide a graver case. */
export function priorityOf({ reason, weight }: Pick<Case, "reason" | "weight">): number {
  return Math.floor(severities[reason] * Math.sqrt(weight));
}

export function placeOf(found: Case): CasePlace {
  return { priority: priorityOf(found), number: found.number };
}

/** A case with its first report, which is still to be added. */
export function openedCase(number: number, report: Report): Case {
  const counts = { weight: 0, reporters: 0, reports: 0, notes: 0 };
  const { reason, createdMs } = report;
  const times = { openedMs: createdMs, reportedMs: createdMs };
  return { number, revision: number, reportedKey: caseKeyOf(report.reportedKey), reason, ...counts, ...times };
}

/** @param weight undefined for a reporter that is not independent, whose report raises nothing */
export function withReport(found: Case, { reason, createdMs }: Report, weight: number | undefined): Case {
  const next = { ...withoutEndedLease(found, createdMs), reports: found.reports + 1, reportedMs: createdMs };
  if (weight === undefined) return next;
  const worst = severities[reason] > severities[found.reason] ? reason : found.reason;
  return { ...next, reason: worst, weight: found.weight + weight, reporters: found.reporters + 1 };
}

export function stateOf({ lease, resolution }: Case, nowMs: number): CaseState {
  if (resolution !== undefined) return "resolved";
  return lease !== undefined && lease.untilMs > nowMs ? "in_review" : "open";
}

function withoutEndedLease(found: Case, nowMs: number): Case {
  return stateOf(found, nowMs) === "open" ? { ...found, lease: undefined } : found;
}

/** The queues that a case is in. Each is sorted by place. A lease that has ended keeps its case in them until it changes. */
export function queuesOf({ reportedKey, reason, lease, resolution }: Case): string[] {
  const about = `about ${reportedKey}`;
  if (resolution !== undefined) return [about, "resolved", `resolved ${reason}`, `resolved by ${resolution.by}`];
  const queues = [about, "unresolved", `unresolved ${reason}`];
  return lease === undefined ? queues : [...queues, "unresolved leased", `unresolved by ${lease.by}`];
}

/** The shortest queue that contains all cases that a filter asks for. */
export function queueFor({ state, reason, moderator, reportedKey }: CaseFilter): string {
  if (reportedKey !== undefined) return `about ${reportedKey}`;
  const status = state === "resolved" ? "resolved" : "unresolved";
  if (moderator !== undefined) return `${status} by ${moderator}`;
  if (state === "in_review") return "unresolved leased";
  return reason === undefined ? status : `${status} ${reason}`;
}

/** Whether a case of that queue is one that the filter asks for. */
export function isWanted(found: Case, { state, reason, moderator }: CaseFilter, nowMs: number): boolean {
  const actual = stateOf(found, nowMs);
  if (state !== undefined && actual !== state) return false;
  if (moderator !== undefined && (actual === "open" || moderator !== (found.resolution ?? found.lease)?.by))
    return false;
  return reason === undefined || found.reason === reason;
}

/** What a moderator does with a case. */
export type CaseAct = { by: Moderator; atMs: number } & (
  | { type: "claim" }
  | { type: "release" }
  | { type: "resolve"; outcome: CaseOutcome; text: string }
  | { type: "note"; text: string }
);

/**
 * Why an act is refused. `taken`: another moderator holds the lease. `resolved`: it was resolved otherwise.
 * `unclaimed`: the moderator does not hold the lease. `full`: no further note fits.
 */
export type CaseRefusal = "taken" | "resolved" | "unclaimed" | "full";

/** The case after an act, or why it is refused. An act without an effect, such as a repeated one, leaves `next` out. */
export type CaseDecision = { refused: CaseRefusal } | { refused?: undefined; next?: Case; note?: CaseNote };

/** @param lastNote the latest note of the case */
export function decide(found: Case, act: CaseAct, lastNote: CaseNote | undefined): CaseDecision {
  if (act.type === "note") return decideNote(found, act, lastNote);
  if (found.resolution !== undefined) return isSameResolution(found.resolution, act) ? {} : { refused: "resolved" };
  const { by, atMs } = act;
  const holder = stateOf(found, atMs) === "in_review" ? found.lease?.by : undefined;
  if (holder !== undefined && holder !== by) return { refused: "taken" };
  if (act.type === "claim") return { next: { ...found, lease: { by, untilMs: atMs + LEASE_MS } } };
  if (act.type === "release") return holder === undefined ? {} : { next: { ...found, lease: undefined } };
  if (holder === undefined) return { refused: "unclaimed" };
  const resolution = { by, outcome: act.outcome, text: act.text, atMs };
  return { next: { ...found, lease: undefined, resolution } };
}

function decideNote(
  found: Case,
  { by, text, atMs }: CaseAct & { type: "note" },
  lastNote: CaseNote | undefined,
): CaseDecision {
  if (lastNote?.by === by && lastNote.text === text) return {};
  if (found.notes >= limits.caseNotes) return { refused: "full" };
  return { next: { ...withoutEndedLease(found, atMs), notes: found.notes + 1 }, note: { by, text, atMs } };
}

function isSameResolution({ by, outcome, text }: CaseResolution, act: CaseAct): boolean {
  return act.type === "resolve" && act.by === by && act.outcome === outcome && act.text === text;
}

/** How the reports of a case are resolved with it. */
export function resolutionOfReports({ outcome, text, atMs }: CaseResolution): { text: string; resolvedMs: number } {
  return { text: text === "" ? outcome.replaceAll("_", " ") : text, resolvedMs: atMs };
}

/** Whether reports of a case that ended so were founded. */
export function isFounded(outcome: CaseOutcome): boolean {
  return outcome !== "no_violation";
}
