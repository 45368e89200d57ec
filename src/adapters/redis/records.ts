import { automaticBan, type Ban, type BanRules, lifted, rememberedUntilMs } from "../../core/ban.js";
import type { AddressKey } from "../../core/ids.js";
import { numberAt } from "../../core/numbers.js";
import { keptReports, type Report } from "../../core/report.js";
import type { NumberedBan, Records, Resolution, StoredReport } from "../../ports/records.js";
import { inGroups } from "./groups.js";
import type { Store } from "./store.js";

/** Records in Redis; as durable as its append-only file is set to be. */
export class RedisRecords implements Records {
  constructor(private readonly store: Store) {}

  async addReport(
    report: Report,
    rules: BanRules,
    kept = keptReports,
  ): Promise<{ isNew: boolean; ban: Ban | undefined }> {
    const { reporterId, matchId, reporterKey, reportedKey, createdMs } = report;
    const ban = automaticBan(reportedKey, rules.afterReports, rules, createdMs);
    const args = [`${reporterId} ${matchId}`, JSON.stringify(report), reporterKey, reportedKey, createdMs];
    const banArgs = [rules.afterReports, ban ? JSON.stringify(ban) : "", ban ? rememberedUntilMs(ban) : 0];
    const [isNew, isBanned] = (await this.store.run("add_report", ...args, ...banArgs, kept.all, kept.fromNetwork)) as [
      number,
      number,
    ];
    return { isNew: isNew === 1, ban: isBanned === 1 ? ban : undefined };
  }

  reportsBefore(number: number, limit: number): Promise<StoredReport[]> {
    return this.#reports("before", number, limit);
  }

  reportsAfter(number: number, limit: number): Promise<StoredReport[]> {
    return this.#reports("after", number, limit);
  }

  async resolveReport(number: number, resolution: Resolution): Promise<StoredReport | undefined> {
    const report = (await this.store.run("resolve_report", number, JSON.stringify(resolution))) as string;
    return report === "" ? undefined : toStored(number, report, resolution);
  }

  async putBan(ban: Ban): Promise<void> {
    await this.#put(ban, ban.createdMs);
  }

  liftBan(addressKey: AddressKey, nowMs: number): Promise<boolean> {
    return this.#put(lifted(addressKey, nowMs), nowMs);
  }

  bansBefore(number: number, limit: number): Promise<NumberedBan[]> {
    return this.#bans("before", number, limit);
  }

  bansAfter(number: number, limit: number): Promise<NumberedBan[]> {
    return this.#bans("after", number, limit);
  }

  async prune({ reportsBeforeMs, nowMs, limit }: Parameters<Records["prune"]>[0]): Promise<boolean> {
    return (await this.store.run("prune", numberAt(reportsBeforeMs), nowMs, limit)) === 1;
  }

  async #put(ban: Ban, nowMs: number): Promise<boolean> {
    const args = [ban.addressKey, JSON.stringify(ban), rememberedUntilMs(ban), nowMs];
    return (await this.store.run("put_ban", ...args)) === 1;
  }

  async #reports(side: "before" | "after", number: number, limit: number): Promise<StoredReport[]> {
    const found = (await this.store.run("list_reports", side, number, limit)) as string[];
    return inGroups(found, 3).map(([key, report = "", resolution = ""]) =>
      toStored(Number(key), report, resolution === "" ? undefined : (JSON.parse(resolution) as Resolution)),
    );
  }

  async #bans(side: "before" | "after", number: number, limit: number): Promise<NumberedBan[]> {
    const found = (await this.store.run("list_bans", side, number, limit)) as string[];
    return inGroups(found, 2).map(([key, ban = ""]) => ({ ...(JSON.parse(ban) as Ban), number: Number(key) }));
  }
}

function toStored(number: number, report: string, resolution: Resolution | undefined): StoredReport {
  return { ...(JSON.parse(report) as Report), number, resolution };
}
