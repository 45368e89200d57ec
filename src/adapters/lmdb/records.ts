import type { Database, RangeOptions, RootDatabase } from "lmdb";
import { automaticBan, type Ban, type BanRules, countsSinceMs, isInForce, lifted } from "../../core/ban.js";
import type { AddressKey } from "../../core/ids.js";
import { numberAt } from "../../core/numbers.js";
import { counts, COUNTED_MS, type KeptReports, keptReports, type Report } from "../../core/report.js";
import type { NumberedBan, Records, Resolution, StoredReport } from "../../ports/records.js";
import { Bans } from "./bans.js";
import { commit, lastNumbers, nextNumber, type Numbered } from "./database.js";

type Kept = Report & { counts: boolean; resolution?: Resolution };

/** Records in an embedded database file. A write is flushed to disk before it resolves. */
export class LmdbRecords implements Records {
  readonly #reports: Database<Kept, number>;
  /** Numbers by reporter and match. */
  readonly #numbers: Database<number, [string, string]>;
  /** All reports, by the network of who made them. */
  readonly #from: Database<true, [AddressKey, number]>;
  /** Reports that count, by whom they are about and by who made them; the other network is the value. */
  readonly #about: Database<AddressKey, [AddressKey, number]>;
  readonly #by: Database<AddressKey, [AddressKey, number]>;
  readonly #last: Database<number, Numbered>;
  readonly #bans: Bans;

  constructor(private readonly root: RootDatabase) {
    this.#reports = root.openDB({ name: "reports-by-number" });
    this.#numbers = root.openDB({ name: "report-numbers" });
    this.#from = root.openDB({ name: "reports-by-network" });
    this.#about = root.openDB({ name: "counted-about" });
    this.#by = root.openDB({ name: "counted-by" });
    this.#last = lastNumbers(root);
    this.#bans = new Bans(root);
  }

  addReport(report: Report, rules: BanRules, limits = keptReports): Promise<{ isNew: boolean; ban: Ban | undefined }> {
    return commit(this.root, () => {
      const name: [string, string] = [report.reporterId, report.matchId];
      if (this.#numbers.doesExist(name)) return { isNew: false, ban: undefined };
      const number = nextNumber(this.#last, "report", report.createdMs);
      void this.#numbers.put(name, number);
      const kept = { ...report, counts: counts(report, this.#countedBy(report)) };
      void this.#reports.put(number, kept);
      void this.#from.put([report.reporterKey, number], true);
      this.#dropExcess(report.reporterKey, limits);
      return { isNew: true, ban: kept.counts ? this.#count(report, number, rules) : undefined };
    });
  }

  reportsBefore(number: number, limit: number): Promise<StoredReport[]> {
    return Promise.resolve(this.#list({ start: number - 1, reverse: true, limit }));
  }

  reportsAfter(number: number, limit: number): Promise<StoredReport[]> {
    return Promise.resolve(this.#list({ start: number + 1, limit }));
  }

  resolveReport(number: number, resolution: Resolution): Promise<StoredReport | undefined> {
    return commit(this.root, () => {
      const kept = this.#reports.get(number);
      if (kept === undefined) return undefined;
      void this.#reports.put(number, { ...kept, resolution });
      return toStored(number, { ...kept, resolution });
    });
  }

  putBan(ban: Ban): Promise<void> {
    return commit(this.root, () => {
      this.#bans.put(ban, ban.createdMs);
    });
  }

  liftBan(addressKey: AddressKey, nowMs: number): Promise<boolean> {
    return commit(this.root, () => {
      const wasBanned = isInForce(this.#bans.latest(addressKey), nowMs);
      this.#bans.put(lifted(addressKey, nowMs), nowMs);
      return wasBanned;
    });
  }

  bansBefore(number: number, limit: number): Promise<NumberedBan[]> {
    return Promise.resolve(this.#bans.list({ start: number - 1, reverse: true, limit }));
  }

  bansAfter(number: number, limit: number): Promise<NumberedBan[]> {
    return Promise.resolve(this.#bans.list({ start: number + 1, limit }));
  }

  prune({ reportsBeforeMs, nowMs, limit }: { reportsBeforeMs: number; nowMs: number; limit: number }) {
    return commit(this.root, () => {
      const old = [...this.#reports.getRange({ end: numberAt(reportsBeforeMs), limit })];
      for (const { key, value } of old) this.#drop(key, value);
      return this.#bans.prune(nowMs, limit) || old.length === limit;
    });
  }

  #list(range: { start: number; reverse?: boolean; limit: number }): StoredReport[] {
    return [...this.#reports.getRange(range)].map(({ key, value }) => toStored(key, value));
  }

  /** Against whom the network of a report's maker counts already. */
  #countedBy({ reporterKey, createdMs }: Report): Set<AddressKey> {
    const start: [AddressKey, number] = [reporterKey, numberAt(createdMs - COUNTED_MS)];
    return new Set([...this.#by.getRange({ start, end: [reporterKey, Infinity] })].map(({ value }) => value));
  }

  /** Lets a report count. Returns the ban that it leads to. */
  #count({ reporterKey, reportedKey, createdMs }: Report, number: number, rules: BanRules): Ban | undefined {
    void this.#by.put([reporterKey, number], reportedKey);
    void this.#about.put([reportedKey, number], reporterKey);
    const latest = this.#bans.latest(reportedKey);
    const start: [AddressKey, number] = [reportedKey, numberAt(countsSinceMs(latest, createdMs))];
    const against = new Set(
      [...this.#about.getRange({ start, end: [reportedKey, Infinity] })].map(({ value }) => value),
    );
    const ban = automaticBan(reportedKey, against.size, rules, createdMs);
    if (ban === undefined || isInForce(latest, createdMs)) return undefined;
    this.#bans.put(ban, createdMs);
    return ban;
  }

  /** Drops the oldest report of a network that made one too many, else the oldest of all if they are too many. */
  #dropExcess(network: AddressKey, limits: KeptReports): void {
    const own = { start: [network, 0], end: [network, Infinity] } satisfies RangeOptions;
    const { entryCount } = this.#reports.getStats() as { entryCount: number };
    if (this.#from.getKeysCount({ ...own }) > limits.fromNetwork) {
      for (const [, number] of this.#from.getKeys({ ...own, limit: 1 })) this.#dropNumber(number);
    } else if (entryCount > limits.all) {
      for (const number of this.#reports.getKeys({ limit: 1 })) this.#dropNumber(number);
    }
  }

  #dropNumber(number: number): void {
    const report = this.#reports.get(number);
    if (report !== undefined) this.#drop(number, report);
  }

  #drop(number: number, report: Kept): void {
    void this.#reports.remove(number);
    void this.#numbers.remove([report.reporterId, report.matchId]);
    void this.#from.remove([report.reporterKey, number]);
    if (!report.counts) return;
    void this.#by.remove([report.reporterKey, number]);
    void this.#about.remove([report.reportedKey, number]);
  }
}

function toStored(number: number, kept: Kept): StoredReport {
  const { reporterId, reporterKey, reportedKey, matchId, reason, comment, matchStartMs, createdMs, resolution } = kept;
  return {
    ...{ number, reporterId, reporterKey, reportedKey, matchId, reason, comment, matchStartMs, createdMs },
    resolution,
  };
}
