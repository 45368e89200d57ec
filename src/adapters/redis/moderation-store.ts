import type { Appeal, AppealDecision, AppealedBan } from "../../core/appeal.js";
import {
  automaticBan,
  type Ban,
  type BanRules,
  levelOf,
  lifted,
  rememberedUntilMs,
  reportersFor,
  withCompanion,
} from "../../core/ban.js";
import { type AuditAct, banAudit, reportAudit } from "../../core/audit.js";
import { caseKeyOf, type CaseResolution, isFounded, type Moderator, resolutionOfReports } from "../../core/case.js";
import type { AddressKey, BanId, DeviceKey, PersonKey } from "../../core/ids.js";
import { limits } from "../../core/limits.js";
import { levelsOf, narrowestOf, widestOf } from "../../core/network-key.js";
import { revisionAt } from "../../core/revision.js";
import { deviceOf } from "../../core/session-key.js";
import {
  blockOf,
  COUNTED_MS,
  countedOfBlock,
  counts,
  keptReports,
  type Report,
  type ReportAnswer,
  withoutBlock,
} from "../../core/report.js";
import type {
  AddedReport,
  DecidedAppeal,
  ListedAppeal,
  NumberedBan,
  ModerationStore,
  Resolution,
  StoredReport,
} from "../../ports/moderation-store.js";
import { chunk } from "./chunk.js";
import type { ScriptRunner } from "./script-runner.js";

/** Reports and bans in Redis. Durability depends on how its append-only file is configured. */
export class RedisRecords implements ModerationStore {
  constructor(private readonly store: ScriptRunner) {}

  async addReport(report: Report, rules: BanRules, kept = keptReports): Promise<AddedReport> {
    const { reporterId, matchId, reporterKey, reportedKey, createdMs } = report;
    const bans = levelsOf(reportedKey).map((key, index, keys) => {
      const level = levelOf(keys, index);
      const needed = reportersFor(level, rules);
      const ban = automaticBan(key, needed, rules, createdMs, level);
      return { key, needed, ban: ban && withCompanion(ban, deviceOf(reportedKey))[0] };
    });
    const [ban] = bans;
    const networks = [widestOf(reporterKey), narrowestOf(reportedKey), counts(report, new Set()) ? 1 : 0];
    const answer = await this.store.run(
      "add_report",
      ...[`${reporterId} ${matchId}`, JSON.stringify(withoutBlock(report)), ...networks, createdMs],
      ...[ban?.ban ? rememberedUntilMs(ban.ban) : 0, kept.all, kept.fromNetwork, kept.counted],
      ...[blockOf(report), countedOfBlock(kept.counted)],
      ...[caseKeyOf(reportedKey), kept.cases ?? limits.keptCases],
      ...bans.flatMap((one) => [one.key, one.needed, one.ban ? JSON.stringify(one.ban) : ""]),
    );
    const [number, isNew, banned] = answer as [string, number, number];
    return { number: Number(number), isNew: isNew === 1, ban: bans[banned - 1]?.ban };
  }

  reportsBefore(number: number, limit: number): Promise<StoredReport[]> {
    return this.#reports("before", number, limit);
  }

  reportsAfter(number: number, limit: number): Promise<StoredReport[]> {
    return this.#reports("after", number, limit);
  }

  async resolveReport(number: number, resolution: Resolution, by: Moderator): Promise<StoredReport | undefined> {
    const entry = JSON.stringify(reportAudit(number, by));
    const args = [number, JSON.stringify(resolution), entry, resolution.resolvedMs];
    const report = (await this.store.run("resolve_report", ...args)) as string;
    return report === "" ? undefined : toStored(number, report, resolution);
  }

  async answersFor(party: PersonKey | DeviceKey): Promise<ReportAnswer[]> {
    const found = (await this.store.run("answers_for", party, limits.answeredReports)) as string[];
    return chunk(found, 3).map(([number, report = "", ended = ""]) => {
      const { outcome } = JSON.parse(ended) as CaseResolution;
      const { createdMs } = JSON.parse(report) as Report;
      return { report: Number(number), actedOn: isFounded(outcome), createdMs };
    });
  }

  async markSeen(party: PersonKey | DeviceKey, reports: readonly number[]): Promise<void> {
    await this.store.run("mark_seen", party, ...reports);
  }

  async putBan(ban: Ban, by: Moderator, maxBans?: number): Promise<boolean> {
    const entry = banAudit("banned", ban.addressKey, by);
    return (await this.#put(ban, ban.createdMs, entry, maxBans)) !== "full";
  }

  liftBan(addressKey: AddressKey, nowMs: number, by: Moderator, maxBans?: number): Promise<boolean | "full"> {
    return this.#put(lifted(addressKey, nowMs), nowMs, banAudit("unbanned", addressKey, by), maxBans);
  }

  bansBefore(number: number, limit: number): Promise<NumberedBan[]> {
    return this.#bans("before", number, limit);
  }

  bansAfter(number: number, limit: number): Promise<NumberedBan[]> {
    return this.#bans("after", number, limit);
  }

  async latestBans(keys: readonly AddressKey[]): Promise<Ban[]> {
    const found = (await this.store.run("get_bans", ...keys)) as string[];
    return found.map((ban) => JSON.parse(ban) as Ban);
  }

  async fileAppeal({ addressKey, createdMs }: Pick<Ban, "addressKey" | "createdMs">, appeal: Appeal) {
    const args = [addressKey, createdMs, JSON.stringify(appeal), appeal.createdMs];
    return (await this.store.run("file_appeal", ...args)) as "filed" | "exists" | "unknown";
  }

  async decideAppeal(banId: BanId, decision: AppealDecision): Promise<DecidedAppeal> {
    const { decidedMs } = decision;
    const forgetMs = decidedMs + COUNTED_MS;
    const answer = await this.store.run("decide_appeal", banId, JSON.stringify(decision), forgetMs, decidedMs);
    const [state, ban] = answer as ["decided" | "over" | "unknown", string];
    return state === "unknown" ? { state } : { state, ban: JSON.parse(ban) as AppealedBan };
  }

  openAppeals(after: number, limit: number): Promise<ListedAppeal[]> {
    return this.#appeals("open", after, limit);
  }

  decidedAppeals(before: number, limit: number): Promise<ListedAppeal[]> {
    return this.#appeals("decided", before, limit);
  }

  async prune({ reportsBeforeMs, nowMs, limit }: Parameters<ModerationStore["prune"]>[0]): Promise<boolean> {
    return (await this.store.run("prune", revisionAt(reportsBeforeMs), nowMs, limit)) === 1;
  }

  async #put(ban: Ban, nowMs: number, entry: AuditAct, max: number = limits.keptBans): Promise<boolean | "full"> {
    const args = [ban.addressKey, JSON.stringify(ban), rememberedUntilMs(ban), nowMs, max, JSON.stringify(entry)];
    const answer = await this.store.run("put_ban", ...args);
    return answer === "full" ? answer : answer === 1;
  }

  async #reports(side: "before" | "after", number: number, limit: number): Promise<StoredReport[]> {
    return storedReports((await this.store.run("list_reports", side, number, limit)) as string[]);
  }

  async #bans(side: "before" | "after", number: number, limit: number): Promise<NumberedBan[]> {
    const found = (await this.store.run("list_bans", side, number, limit)) as string[];
    return chunk(found, 2).map(([key, ban = ""]) => ({ ...(JSON.parse(ban) as Ban), number: Number(key) }));
  }

  async #appeals(list: "open" | "decided", number: number, limit: number): Promise<ListedAppeal[]> {
    const found = (await this.store.run("list_appeals", list, number, limit)) as string[];
    return chunk(found, 2).map(([key, ban = ""]) => ({ ...(JSON.parse(ban) as AppealedBan), number: Number(key) }));
  }
}

/** @param found number, report, resolution and resolution of the case of each report */
export function storedReports(found: string[]): StoredReport[] {
  return chunk(found, 4).map(([key, report = "", resolution = "", ended = ""]) =>
    toStored(Number(key), report, resolutionIn(resolution, ended)),
  );
}

function resolutionIn(resolution: string, ended: string): Resolution | undefined {
  if (resolution !== "") return JSON.parse(resolution) as Resolution;
  return ended === "" ? undefined : resolutionOfReports(JSON.parse(ended) as CaseResolution);
}

function toStored(number: number, report: string, resolution: Resolution | undefined): StoredReport {
  return { ...(JSON.parse(report) as Report), number, resolution };
}
