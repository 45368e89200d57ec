import type { Action } from "../core/action.js";
import type { AuditEntry } from "../core/audit.js";
import type { Ban } from "../core/ban.js";
import { AUDIT_KEPT_MS, type Case, CASE_KEPT_MS } from "../core/case.js";
import type { AddressKey } from "../core/ids.js";
import { limits } from "../core/limits.js";
import { REPORT_KEPT_MS, type ReportReason } from "../core/report.js";
import { revisionAt } from "../core/revision.js";
import {
  AuditFigures,
  type Basis,
  type Counts,
  type Decision,
  decisionIn,
  type DecisionRecord,
  increment,
  isAppealable,
  isWithin,
  type Period,
  type Statement,
  targetOf,
} from "../core/transparency.js";
import type { ActionRecords } from "../ports/action-store.js";
import type { CaseStore } from "../ports/case-store.js";
import type { Clock } from "../ports/clock.js";
import type { BanStore, ReportStore } from "../ports/moderation-store.js";
import { NEWEST } from "./pagination.js";

export interface Figures {
  reports: Counts<ReportReason>;
  audit: AuditFigures;
  completeness: Completeness;
}

/** From when on the figures are complete, in milliseconds; before the period if all of it is. */
export interface Completeness {
  decisionsFromMs: number;
  reportsFromMs: number;
  groundsFromMs: number;
}

/** How many items are read in one step, so that neither the store nor this process is busy for long. */
const PAGE_SIZE = 200;
/** The cases about one key that are looked at. */
const CASES_OF_KEY = 100;
/** How far the number of an entry may be ahead of its time, in milliseconds: the clock may have been set back. */
const AHEAD_MS = 60 * 60_000;

interface TransparencyDependencies {
  cases: Pick<CaseStore, "auditBefore" | "casesIn" | "getCase">;
  records: Pick<ReportStore, "reportsBefore"> & Pick<BanStore, "latestBans">;
  actions: Pick<ActionRecords, "withIds">;
  clock: Clock;
  /** Beyond these, stores drop the oldest. */
  kept?: { audit: number; reports: number };
}

/** Whether a decision, if any, is about somebody with a case. */
type BasisOf = (decision: Decision) => Basis;

/** Counts and explains what was decided about people. It reads page by page, and keeps no more than one. */
export class Transparency {
  readonly #kept: { audit: number; reports: number };

  constructor(private readonly deps: TransparencyDependencies) {
    this.#kept = deps.kept ?? { audit: limits.keptAuditEntries, reports: limits.keptReports };
  }

  async figures(period: Period): Promise<Figures> {
    const { reports, reportsFromMs } = await this.#countReports(period);
    const { audit, decisionsFromMs } = await this.#countAudit(period);
    const groundsFromMs = Math.max(decisionsFromMs, this.#keptFrom(CASE_KEPT_MS));
    return { reports, audit, completeness: { decisionsFromMs, reportsFromMs, groundsFromMs } };
  }

  /** Yields a statement for each decision of a period, the newest first. */
  async *statements(period: Period, signal: AbortSignal): AsyncGenerator<Statement, void, undefined> {
    const top = Math.min(NEWEST, Math.max(1, revisionAt(period.endMs + AHEAD_MS)));
    for await (const page of this.#auditPages(top)) {
      if (signal.aborted) return;
      const decisions = decisionsIn(page, period);
      const [basisOf, recordOf] = await Promise.all([this.#basesOf(decisions), this.#recordsOf(decisions)]);
      for (const decision of decisions) yield statementOf(decision, basisOf(decision), recordOf(decision));
      if (isBefore(page, period)) return;
    }
  }

  async #countReports(period: Period): Promise<{ reports: Counts<ReportReason>; reportsFromMs: number }> {
    const reports = new Map<ReportReason, number>();
    let [read, before] = [0, NEWEST];
    for (;;) {
      const page = await this.deps.records.reportsBefore(before, PAGE_SIZE);
      for (const { reason, createdMs } of page) if (isWithin(period, createdMs)) increment(reports, reason);
      read += page.length;
      const last = page.at(-1);
      if (last === undefined || page.length < PAGE_SIZE || last.number < revisionAt(period.startMs)) break;
      before = last.number;
    }
    // Beyond the limit those of the largest network are dropped, of any age.
    const reportsFromMs = read < this.#kept.reports ? this.#keptFrom(REPORT_KEPT_MS) : this.deps.clock.nowMs();
    return { reports, reportsFromMs };
  }

  async #countAudit(period: Period): Promise<{ audit: AuditFigures; decisionsFromMs: number }> {
    const audit = new AuditFigures(period);
    let read = 0;
    let oldestMs = 0;
    for await (const page of this.#auditPages(NEWEST)) {
      for (const entry of page) audit.add(entry);
      const decisions = decisionsIn(page, period);
      const basisOf = await this.#basesOf(decisions);
      for (const decision of decisions) audit.addDecision(decision, basisOf(decision));
      read += page.length;
      oldestMs = page.at(-1)?.atMs ?? oldestMs;
      if (isBefore(page, period) && !audit.needsOlder) break;
    }
    const from = this.#keptFrom(AUDIT_KEPT_MS);
    return { audit, decisionsFromMs: read < this.#kept.audit ? from : Math.max(from, oldestMs) };
  }

  /** Yields the audit log below a number, the newest first. */
  async *#auditPages(before: number): AsyncGenerator<AuditEntry[], void, undefined> {
    for (;;) {
      const page = await this.deps.cases.auditBefore(before, PAGE_SIZE);
      yield page;
      const last = page.at(-1);
      if (last === undefined || page.length < PAGE_SIZE) return;
      before = last.number;
    }
  }

  /** Looks up what decisions follow from. */
  async #basesOf(decisions: readonly Decision[]): Promise<BasisOf> {
    const { cases } = this.deps;
    const [numbers, keys] = [new Set<number>(), new Set<AddressKey>()];
    for (const { case: ofCase, addressKey } of decisions) {
      if (ofCase === undefined) keys.add(addressKey);
      else numbers.add(ofCase);
    }
    const byNumber = new Map<number, Case | undefined>();
    const byKey = new Map<AddressKey, Case[]>();
    await Promise.all([
      ...[...numbers].map(async (number) => byNumber.set(number, (await cases.getCase(number))?.case)),
      ...[...keys].map(async (key) => byKey.set(key, await cases.casesIn(`about ${key}`, undefined, CASES_OF_KEY))),
    ]);
    const keptFromMs = this.#keptFrom(CASE_KEPT_MS);
    return ({ case: ofCase, addressKey, atMs }) => {
      if (ofCase !== undefined) return { source: "reports", ground: byNumber.get(ofCase)?.reason };
      const found = latestOf(byKey.get(addressKey) ?? [], atMs);
      if (found !== undefined) return { source: "reports", ground: found.reason };
      return { source: atMs < keptFromMs ? "unknown" : "own_initiative", ground: undefined };
    };
  }

  /** Looks up the records of decisions. */
  async #recordsOf(decisions: readonly Decision[]): Promise<(decision: Decision) => DecisionRecord | undefined> {
    const ids = decisions.flatMap(({ action }) => action ?? []);
    const keys = new Set(decisions.flatMap(({ measure, addressKey }) => (measure === "ban" ? addressKey : [])));
    const [actions, bans] = await Promise.all([
      ids.length === 0 ? [] : this.deps.actions.withIds(ids),
      keys.size === 0 ? [] : this.deps.records.latestBans([...keys]),
    ]);
    const byId = new Map(actions.map((action) => [action.id, action]));
    const byKey = new Map(bans.map((ban) => [ban.addressKey, ban]));
    return ({ action, addressKey, atMs }) => {
      const [taken, ban] = [action && byId.get(action), byKey.get(addressKey)];
      if (action !== undefined) return taken && actionRecord(taken);
      return ban?.createdMs === atMs ? banRecord(ban) : undefined;
    };
  }

  #keptFrom(keptMs: number): number {
    return this.deps.clock.nowMs() - keptMs;
  }
}

function decisionsIn(page: readonly AuditEntry[], period: Period): Decision[] {
  return page.filter(({ atMs }) => isWithin(period, atMs)).flatMap((entry) => decisionIn(entry) ?? []);
}

/** Whether all further entries are from before a period: numbers are not behind the time. */
function isBefore(page: readonly AuditEntry[], { startMs }: Period): boolean {
  const last = page.at(-1);
  return last !== undefined && last.number < revisionAt(startMs);
}

/** The last case that had been opened by a time. */
function latestOf(cases: readonly Case[], ms: number): Case | undefined {
  const opened = cases.filter(({ openedMs }) => openedMs <= ms);
  return opened.reduce<Case | undefined>((last, one) => (last && last.number > one.number ? last : one), undefined);
}

function statementOf(decision: Decision, basis: Basis, record: DecisionRecord | undefined): Statement {
  const { number, action, atMs, measure, addressKey, automated } = decision;
  const how = { automated, appealable: isAppealable(measure) };
  return { id: action ?? String(number), atMs, measure, target: targetOf(addressKey), ...basis, ...how, record };
}

function actionRecord({ expiresMs, lift, reason, statement }: Action): DecisionRecord {
  return { expiresMs, liftedMs: lift?.liftedMs, facts: reason, explanation: statement };
}

/** A ban that was lifted is replaced by a tombstone, which says nothing of it. */
function banRecord({ expiresMs, reason, liftedMs }: Ban): DecisionRecord | undefined {
  return liftedMs === undefined ? { expiresMs, liftedMs, facts: reason, explanation: "" } : undefined;
}
