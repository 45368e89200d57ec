import type { Database, RootDatabase } from "lmdb";
import type { Appeal, AppealDecision } from "../../core/appeal.js";
import { type Ban, type BanRules, isInForce, lifted, withCompanion } from "../../core/ban.js";
import { appealAudit, appealFiledAudit, type AuditAct, banAudit, reportAudit } from "../../core/audit.js";
import { type Case, type CaseResolution, isFounded, type Moderator } from "../../core/case.js";
import type { AddressKey, BanId, DeviceKey, PersonKey } from "../../core/ids.js";
import { limits } from "../../core/limits.js";
import { deviceOf } from "../../core/session-key.js";
import { revisionAt } from "../../core/revision.js";
import { keptReports, type Report, type ReportAnswer, withoutBlock } from "../../core/report.js";
import type {
  AddedReport,
  DecidedAppeal,
  ListedAppeal,
  NumberedBan,
  ModerationStore,
  Resolution,
  StoredReport,
} from "../../ports/moderation-store.js";
import { AuditShelf } from "./audit-shelf.js";
import { Bans } from "./bans.js";
import { CaseShelf } from "./case-shelf.js";
import { commit, lastNumbers, nextNumber, type Numbered } from "./database.js";
import { EventShelf } from "./event-shelf.js";
import { type Kept, ReportShelf, toStored } from "./report-shelf.js";
import { ReportCounts } from "./report-counts.js";

/** Reports and bans in an embedded database file. A write is flushed to disk before it resolves. */
export class LmdbRecords implements ModerationStore {
  readonly #last: Database<number, Numbered>;
  readonly #kept: ReportShelf;
  readonly #counts: ReportCounts;
  readonly #bans: Bans;
  readonly #cases: CaseShelf;
  readonly #audit: AuditShelf;

  constructor(
    private readonly root: RootDatabase,
    private readonly events = new EventShelf(root),
  ) {
    this.#last = lastNumbers(root);
    this.#kept = new ReportShelf(root);
    this.#counts = new ReportCounts(root);
    this.#bans = new Bans(root);
    this.#cases = new CaseShelf(root);
    this.#audit = new AuditShelf(root);
  }

  addReport(report: Report, rules: BanRules, max = keptReports): Promise<AddedReport> {
    return commit(this.root, () => {
      const former = this.#kept.numberOf(report);
      if (former !== undefined) return { number: former, isNew: false, ban: undefined };
      const number = nextNumber(this.#last, "report", report.createdMs);
      const counts = this.#counts.add(report, number, max.counted);
      const opened = this.#cases.addReport(report, max.cases);
      this.#kept.add(number, { ...withoutBlock(report), counts, case: opened.case.number }, max);
      const { reporterId, reporterKey, reportedKey, matchId, reason, createdMs } = report;
      const filed = { report: number, reporterId, reporterKey, reportedKey, matchId, reason };
      this.events.add({ type: "report_filed", ...filed }, createdMs);
      if (opened.isNew) this.#logOpened(opened.case, createdMs);
      const ban = counts ? this.#banBy(report, rules) : undefined;
      if (ban !== undefined) this.#logActOn(opened.case, { act: "banned", detail: ban.addressKey }, createdMs);
      return { number, isNew: true, ban };
    });
  }

  reportsBefore(number: number, limit: number): Promise<StoredReport[]> {
    return Promise.resolve(this.#list({ start: number - 1, reverse: true, limit }));
  }

  reportsAfter(number: number, limit: number): Promise<StoredReport[]> {
    return Promise.resolve(this.#list({ start: number + 1, limit }));
  }

  resolveReport(number: number, resolution: Resolution, by: Moderator): Promise<StoredReport | undefined> {
    return commit(this.root, () => {
      const kept = this.#kept.get(number);
      if (kept === undefined) return undefined;
      this.#kept.resolve(number, { ...kept, resolution });
      this.#audit.add(reportAudit(number, by), resolution.resolvedMs);
      return toStored(number, { ...kept, resolution }, undefined);
    });
  }

  answersFor(party: PersonKey | DeviceKey): Promise<ReportAnswer[]> {
    const unseen = this.#kept.unseenBy(party, limits.answeredReports);
    const answers = unseen.flatMap(({ key: report, value }): ReportAnswer[] => {
      const ended = this.#endOf(value);
      return ended ? [{ report, actedOn: isFounded(ended.outcome), createdMs: value.createdMs }] : [];
    });
    return Promise.resolve(answers);
  }

  markSeen(party: PersonKey | DeviceKey, reports: readonly number[]): Promise<void> {
    return commit(this.root, () => {
      for (const number of reports) this.#kept.markSeen(party, number);
    });
  }

  putBan(ban: Ban, by: Moderator, maxBans?: number): Promise<boolean> {
    return commit(this.root, () => {
      const isStored = this.#put(ban, ban.createdMs, maxBans);
      if (isStored) this.#audit.add(banAudit("banned", ban.addressKey, by), ban.createdMs);
      return isStored;
    });
  }

  liftBan(addressKey: AddressKey, nowMs: number, by: Moderator, maxBans?: number): Promise<boolean | "full"> {
    return commit(this.root, () => {
      const wasBanned = isInForce(this.#bans.latest(addressKey), nowMs);
      if (!this.#bans.put(lifted(addressKey, nowMs), nowMs, maxBans)) return "full";
      this.#audit.add(banAudit("unbanned", addressKey, by), nowMs);
      if (wasBanned) this.events.add({ type: "unbanned", addressKey }, nowMs);
      return wasBanned;
    });
  }

  bansBefore(number: number, limit: number): Promise<NumberedBan[]> {
    return Promise.resolve(this.#bans.list({ start: number - 1, reverse: true, limit }));
  }

  bansAfter(number: number, limit: number): Promise<NumberedBan[]> {
    return Promise.resolve(this.#bans.list({ start: number + 1, limit }));
  }

  latestBans(keys: readonly AddressKey[]): Promise<Ban[]> {
    return Promise.resolve(keys.map((key) => this.#bans.latest(key)).filter((ban) => ban !== undefined));
  }

  fileAppeal(ban: Pick<Ban, "addressKey" | "createdMs">, appeal: Appeal): Promise<"filed" | "exists" | "unknown"> {
    return commit(this.root, () => {
      const state = this.#bans.fileAppeal(ban, appeal);
      const { banId, createdMs } = appeal;
      const { addressKey } = ban;
      if (state === "filed") {
        this.#audit.add(appealFiledAudit(addressKey), createdMs);
        this.events.add({ type: "appeal_filed", banId, addressKey }, createdMs);
      }
      return state === "repeated" ? "filed" : state;
    });
  }

  decideAppeal(banId: BanId, decision: AppealDecision): Promise<DecidedAppeal> {
    return commit(this.root, () => {
      const { lifted: ended, isNew, ...answer } = this.#bans.decideAppeal(banId, decision);
      if (answer.state === "unknown" || !isNew) return answer;
      const { addressKey } = answer.ban;
      const { outcome, by, decidedMs } = decision;
      this.#audit.add(appealAudit(decision, addressKey), decidedMs);
      this.events.add({ type: "appeal_decided", banId, addressKey, outcome, by }, decidedMs);
      for (const one of ended) this.events.add({ type: "unbanned", addressKey: one.addressKey }, decidedMs);
      return answer;
    });
  }

  openAppeals(after: number, limit: number): Promise<ListedAppeal[]> {
    return Promise.resolve(this.#bans.openAppeals(after, limit));
  }

  decidedAppeals(before: number, limit: number): Promise<ListedAppeal[]> {
    return Promise.resolve(this.#bans.decidedAppeals(before, limit));
  }

  prune({ reportsBeforeMs, nowMs, limit }: { reportsBeforeMs: number; nowMs: number; limit: number }) {
    return commit(this.root, () => {
      const old = this.#kept.list({ end: revisionAt(reportsBeforeMs), limit });
      for (const { key, value } of old) this.#kept.drop(key, value);
      const countsLeft = this.#counts.forget(nowMs, limit);
      return this.#bans.prune(nowMs, limit) || countsLeft || old.length === limit;
    });
  }

  #list(range: { start: number; reverse?: boolean; limit: number }): StoredReport[] {
    return this.#kept.list(range).map(({ key, value }) => toStored(key, value, this.#endOf(value)));
  }

  #endOf({ case: number }: Kept): CaseResolution | undefined {
    return number === undefined ? undefined : this.#cases.get(number)?.resolution;
  }

  #logOpened(opened: Case, nowMs: number): void {
    const { number, reportedKey, reason } = opened;
    this.events.add({ type: "case_opened", case: number, reportedKey, reason }, nowMs);
    this.#logActOn(opened, { act: "case_opened", detail: reportedKey }, nowMs);
  }

  /** Writes what the machine did into the audit log. */
  #logActOn({ number }: Case, done: Pick<AuditAct, "act" | "detail">, nowMs: number): void {
    this.#audit.add({ ...done, by: "", case: number }, nowMs);
  }

  #banBy({ reportedKey, createdMs }: Report, rules: BanRules): Ban | undefined {
    const latest = (key: AddressKey) => this.#bans.latest(key);
    const caused = this.#counts.banOn(reportedKey, latest, rules, createdMs);
    if (caused === undefined) return undefined;
    const [ban, ofBrowser] = withCompanion(caused, deviceOf(reportedKey));
    if (!this.#put(ban, createdMs)) return undefined;
    if (ofBrowser !== undefined) this.#put(ofBrowser, createdMs);
    return ban;
  }

  #put(ban: Ban, nowMs: number, maxBans?: number): boolean {
    const isStored = this.#bans.put(ban, nowMs, maxBans);
    if (isStored) this.events.add({ type: "banned", ban }, nowMs);
    return isStored;
  }
}
