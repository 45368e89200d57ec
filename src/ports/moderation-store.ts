import type { Ban, BanRules } from "../core/ban.js";
import type { AddressKey } from "../core/ids.js";
import type { KeptReports, Report } from "../core/report.js";

/**
 * What must outlive sessions and the process: reports and bans. Every verb is one atomic step and safe to repeat; what
 * it changed is durable when it resolves. Reports and changes of bans are numbered in the order they were stored, each
 * above those before (`numberAfter`), so that whoever reads on after a number misses none.
 */
export interface ModerationStore {
  /**
   * Stores a report, the first of its reporter and match only. If it counts (`counts`), and with it enough networks
   * count against the reported one or a wider network that it is part of (`countsSinceMs`, `reportersFor`), the ban of
   * `automaticBan` is put in the same step: on the widest, unless one on it or above it is in force already. What counts
   * is kept apart from the reports, for `COUNTED_MS`, whatever becomes of them. Beyond `kept`, which is `keptReports`
   * unless said, reports are dropped: from no more than one network, and those that count only when no other is left.
   * @returns whether it is new, and the ban that it led to
   */
  addReport(report: Report, rules: BanRules, kept?: KeptReports): Promise<{ isNew: boolean; ban: Ban | undefined }>;
  /** Reports with a lower number, the newest first, at most `limit`. */
  reportsBefore(number: number, limit: number): Promise<StoredReport[]>;
  /** Reports with a higher number, the oldest first, at most `limit`. */
  reportsAfter(number: number, limit: number): Promise<StoredReport[]>;
  /** Notes what became of a report; the latest note stays. Undefined when there is no such report. */
  resolveReport(number: number, resolution: Resolution): Promise<StoredReport | undefined>;

  /**
   * Puts a ban in the place of the network's one before.
   * @returns whether there was room: of no more than `maxBans` networks, which is `limits.keptBans` unless said, one is
   * remembered. An automatic ban beyond it is not put.
   */
  putBan(ban: Ban, maxBans?: number): Promise<boolean>;
  /**
   * Lifts the network's ban, if any, and forgives what was reported until now.
   * @returns whether one was in force, or that there was no room to remember that it was lifted: then none was
   */
  liftBan(addressKey: AddressKey, nowMs: number, maxBans?: number): Promise<boolean | "full">;
  /** The latest bans of networks, in force or not, with a lower number, the newest first, at most `limit`. */
  bansBefore(number: number, limit: number): Promise<NumberedBan[]>;
  /** The same with a higher number, the oldest first. */
  bansAfter(number: number, limit: number): Promise<NumberedBan[]>;

  /**
   * Forgets reports made before `reportsBeforeMs` and bans that are remembered no longer (`rememberedUntilMs`), at most
   * `limit` of each.
   * @returns whether there may be more
   */
  prune(due: { reportsBeforeMs: number; nowMs: number; limit: number }): Promise<boolean>;
}

/** A report as it is kept. Its number is its name, too. */
export interface StoredReport extends Report {
  number: number;
  resolution: Resolution | undefined;
}

/** What became of a report. */
export interface Resolution {
  text: string;
  resolvedMs: number;
}

export interface NumberedBan extends Ban {
  number: number;
}
