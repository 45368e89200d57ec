import type { Appeal, AppealDecision, AppealedBan } from "../core/appeal.js";
import type { Ban, BanRules } from "../core/ban.js";
import type { Moderator } from "../core/case.js";
import type { AddressKey, BanId, DeviceKey, PersonKey } from "../core/ids.js";
import type { KeptReports, Report, ReportAnswer } from "../core/report.js";

// Reports and bans outlive sessions and the process. Every verb is one atomic step and safe to repeat; its changes are
// durable when it resolves. Reports and changes of bans are numbered in the order they were stored (`nextRevision`), so a
// reader that continues after a number misses none.

export interface ReportStore {
  /**
   * Stores a report, once per reporter and match. If it counts (`counts`), and enough networks now count against the
   * reported network or a wider one (`countsSinceMs`, `reportersFor`), the ban of `automaticBan` is stored in the same
   * step, for the widest network, unless one for it or a wider one is in force, and for the browser if it is known
   * (`withCompanion`).
   * Counts are kept apart from the reports, for `COUNTED_MS`, even when reports are dropped. Beyond `kept` (by default `keptReports`) reports are dropped: those
   * of the largest network first, and those that count last.
   * @returns the number of the report, whether it is new, and the ban that it caused
   */
  addReport(report: Report, rules: BanRules, kept?: KeptReports): Promise<AddedReport>;
  /** Returns reports with a lower number, the newest first, at most `limit`. */
  reportsBefore(number: number, limit: number): Promise<StoredReport[]>;
  /** Returns reports with a higher number, the oldest first, at most `limit`. */
  reportsAfter(number: number, limit: number): Promise<StoredReport[]>;
  /**
   * Sets how a report was resolved, replacing an earlier resolution and that of its case (`resolutionOfReports`), with
   * which reports are resolved otherwise, with an entry in the audit log.
   * @returns undefined if there is no such report
   */
  resolveReport(number: number, resolution: Resolution, by: Moderator): Promise<StoredReport | undefined>;
  /**
   * Returns how the reports of a person or a browser ended (`answeredParty`) that were resolved with their case and have
   * not been seen, the newest first. Looks at the latest `limits.answeredReports` that have not been seen.
   */
  answersFor(party: PersonKey | DeviceKey): Promise<ReportAnswer[]>;
  /** Marks reports of a person or a browser as seen. Others are left out. */
  markSeen(party: PersonKey | DeviceKey, reports: readonly number[]): Promise<void>;
}

export interface AddedReport {
  number: number;
  isNew: boolean;
  ban: Ban | undefined;
}

export interface BanStore {
  /**
   * Stores a ban by a moderator, replacing the network's previous one, with an entry in the audit log.
   * @returns whether there was room: bans of at most `maxBans` networks are remembered, by default `limits.keptBans`
   */
  putBan(ban: Ban, by: Moderator, maxBans?: number): Promise<boolean>;
  /**
   * Lifts the network's ban, if any, and discounts the reports so far, with an entry in the audit log.
   * @returns whether a ban was in force, or `full` if there was no room to remember the lift; then none was in force
   */
  liftBan(addressKey: AddressKey, nowMs: number, by: Moderator, maxBans?: number): Promise<boolean | "full">;
  /** Returns the latest ban of each network, in force or not, with a lower number, the newest first, at most `limit`. */
  bansBefore(number: number, limit: number): Promise<NumberedBan[]>;
  /** The same with a higher number, the oldest first. */
  bansAfter(number: number, limit: number): Promise<NumberedBan[]>;
  /** Returns the latest ban of each of these networks that has one, in their order, in force or not. */
  latestBans(keys: readonly AddressKey[]): Promise<Ban[]>;
}

/** Appeals are stored in their bans, and end with them: when the ban is forgotten, lifted by `liftBan` or replaced. */
export interface AppealStore {
  /**
   * Stores an appeal in a ban in force that has none, and in its companion (`isCompanion`), with an event. Readers of
   * changed bans see both again.
   * @returns `exists` if the ban has another appeal, `unknown` if that ban is not in force
   */
  fileAppeal(ban: Pick<Ban, "addressKey" | "createdMs">, appeal: Appeal): Promise<"filed" | "exists" | "unknown">;
  /**
   * Decides an appeal for the ban and its companion (`decided`), with an entry in the audit log and an event. A reversal
   * also lifts them, each with an event. Changes nothing if the appeal was decided.
   */
  decideAppeal(banId: BanId, decision: AppealDecision): Promise<DecidedAppeal>;
  /** Returns bans with an open appeal of a higher number, the oldest first, at most `limit`. */
  openAppeals(after: number, limit: number): Promise<ListedAppeal[]>;
  /** Returns bans whose appeal was decided, with a lower number, the latest decision first, at most `limit`. */
  decidedAppeals(before: number, limit: number): Promise<ListedAppeal[]>;
}

/** The ban after a decision; `over` if another one was made before, and `decided` if the same one was (`repeats`). */
export type DecidedAppeal = { state: "decided" | "over"; ban: AppealedBan } | { state: "unknown" };

/** A ban in a list of appeals; the number is that of the appeal in the list. */
export type ListedAppeal = AppealedBan & { number: number };

export interface ModerationMaintenance {
  /**
   * Drops reports made before `reportsBeforeMs` and bans past their `rememberedUntilMs`, at most `limit` of each.
   * @returns whether there may be more
   */
  prune(due: { reportsBeforeMs: number; nowMs: number; limit: number }): Promise<boolean>;
}

export type ModerationStore = ReportStore & BanStore & AppealStore & ModerationMaintenance;

/** A stored report. Its number is also its id. */
export interface StoredReport extends Report {
  number: number;
  resolution: Resolution | undefined;
}

/** How a report was resolved. */
export interface Resolution {
  text: string;
  resolvedMs: number;
}

export interface NumberedBan extends Ban {
  number: number;
}
