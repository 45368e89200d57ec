import { type Ban, type BanRules, isInForce } from "../core/ban.js";
import type { Moderator } from "../core/case.js";
import { DomainError } from "../core/errors.js";
import type { AddressKey, MatchId, NetworkKey, PersonKey, SessionId } from "../core/ids.js";
import { limits } from "../core/limits.js";
import { accountable, deviceOf, networkOf, personOf } from "../core/session-key.js";
import type { ReportReason } from "../core/report.js";
import type { Clock } from "../ports/clock.js";
import type { Lobby } from "../ports/lobby.js";
import type { ServiceMeter } from "../ports/meter.js";
import type { BanStore, NumberedBan, ReportStore, StoredReport } from "../ports/moderation-store.js";
import type { Bans } from "./bans.js";
import { type Caller, refuseUnknown, sessionOf } from "./caller.js";
import type { CrowdLimit } from "./crowd-limit.js";
import type { Enforcement } from "./enforcement.js";
import type { ReportCopies } from "./overflow/report-copies.js";
import { NEWEST, type Page, pageOf } from "./pagination.js";
import type { People } from "./people.js";
import { ChangeFeed } from "./change-feed.js";

export interface ReportCommand {
  matchId: MatchId;
  reason: ReportReason;
  comment: string;
}

/** Who is banned: what a report names, or a person by its subject. */
export type BanTarget = { addressKey: AddressKey } | { subject: string };

export interface BanCommand {
  target: BanTarget;
  /** For moderators. */
  reason: string;
  /** For the banned; undefined or empty for none. */
  statement?: string;
  /** Undefined for the duration of automatic bans. */
  durationMs: number | undefined;
  /** Whether it may hit any number of people on a network. */
  force: boolean;
  by: Moderator;
}

interface ModerationDependencies {
  lobby: Pick<Lobby, "report">;
  records: ReportStore & BanStore;
  bans: Bans;
  enforcement: Pick<Enforcement, "refuse">;
  crowds: Pick<CrowdLimit, "refuse">;
  clock: Clock;
  meter: Pick<ServiceMeter, "reported" | "banned">;
  rules: BanRules;
  people: Pick<People, "blockReported" | "subjectsOf">;
  /** Derives the key of a subject. */
  keyOf: (subject: string) => PersonKey;
  /** Cancels the offered tips between two separated sessions, and holds the deposit of the reported one. */
  afterReport: (reporterId: SessionId, reportedId: SessionId) => Promise<void>;
  /** Files reports in the realm of the reported, if that is another. */
  copies?: Pick<ReportCopies, "file">;
}

/** Accepts reports, and lets operators read them and ban networks. */
export class Moderation {
  readonly #feed: ChangeFeed<StoredReport>;

  constructor(private readonly deps: ModerationDependencies) {
    const { records, clock } = deps;
    this.#feed = new ChangeFeed((after, limit) => records.reportsAfter(after, limit), clock);
  }

  /**
   * Separates the two first, cancels the tips offered between them, then stores the report. A repeated call completes
   * what a store failure interrupted.
   * @returns the number of the report
   * @throws DomainError `match_over`, `limit_reached`, `restricted`, `session_unknown`
   */
  async report(caller: Caller, { matchId, reason, comment }: ReportCommand): Promise<number> {
    const { lobby, records, bans, enforcement, clock, meter, rules } = this.deps;
    const reporterId = sessionOf(caller);
    enforcement.refuse(caller, "no_reports");
    const createdMs = clock.nowMs();
    const reported = await lobby.report({ sessionId: reporterId, matchId, nowMs: createdMs });
    switch (reported.state) {
      case "unknown":
        return refuseUnknown();
      case "over":
        throw new DomainError("match_over", "this match was not yours, or ended more than ten minutes ago");
      case "exhausted":
        throw new DomainError("limit_reached", "this session has reached its limit of reports");
      case "reported":
      case "repeated": {
        const { partnerId, bothHeard, matchStartMs } = reported;
        const [reportedKey, reporterKey] = [accountable(reported.partnerKey), networkOf(reported.reporterKey)];
        await this.deps.afterReport(reporterId, partnerId);
        const [reporter, reportedPerson] = [personOf(reported.reporterKey), personOf(reported.partnerKey)];
        if (reporter !== undefined && reportedPerson !== undefined) {
          await this.deps.people.blockReported(reporter, reportedPerson);
        }
        const [reporterDevice, reporterBlock] = [deviceOf(reported.reporterKey), bans.blockKey(caller.host)];
        const about = { reporterId, reporterKey, reporterBlock, reportedKey, matchId, bothHeard, matchStartMs };
        const by = { ...(reporter && { reporterPerson: reporter }), ...(reporterDevice && { reporterDevice }) };
        const report = { ...about, ...by, reason, comment, createdMs };
        const { number, isNew, ban } = await records.addReport(report, rules);
        if (isNew) {
          this.deps.copies?.file(partnerId, report);
          meter.reported(reason);
          this.#feed.notify();
        }
        if (ban !== undefined) {
          meter.banned("reports");
          await bans.update();
        }
        return number;
      }
    }
  }

  /** Lists reports, the newest first. */
  async listReports(size: number, before = NEWEST): Promise<Page<StoredReport>> {
    return pageOf(await this.deps.records.reportsBefore(before, size), size);
  }

  /** Yields every report after a number, once and in order: the existing ones, then new ones of any instance. */
  watchReports(after: number, signal: AbortSignal): AsyncGenerator<StoredReport, void, undefined> {
    return this.#feed.watch(after, signal);
  }

  /** @throws DomainError `report_unknown` */
  async resolveReport(number: number, text: string, by: Moderator): Promise<StoredReport> {
    const resolution = { text, resolvedMs: this.deps.clock.nowMs() };
    const report = await this.deps.records.resolveReport(number, resolution, by);
    if (report !== undefined) return report;
    throw new DomainError("report_unknown", "report_id: there is no such report, or it is no longer kept", {
      field: "report_id",
    });
  }

  /** @throws DomainError `network_crowded`, `limit_reached` */
  async ban({ target, reason, statement = "", durationMs, force, by }: BanCommand): Promise<Ban> {
    const addressKey = this.#keyOf(target);
    if (!force) await this.deps.crowds.refuse(addressKey);
    const createdMs = this.deps.clock.nowMs();
    const expiresMs = createdMs + (durationMs ?? this.deps.rules.durationMs);
    const said = { reason, ...(statement !== "" && { statement }) };
    const ban = { addressKey, ...said, automatic: false, createdMs, expiresMs };
    if (!(await this.deps.records.putBan(ban, by))) refuseBan();
    this.deps.meter.banned("operator");
    await this.deps.bans.update();
    return ban;
  }

  /** @returns whether a ban was in force */
  async unban(target: BanTarget, by: Moderator): Promise<boolean> {
    const wasBanned = await this.deps.records.liftBan(this.#keyOf(target), this.deps.clock.nowMs(), by);
    if (wasBanned === "full") refuseBan();
    await this.deps.bans.update();
    return wasBanned;
  }

  /** Lists the bans in force, the newest first. */
  async listBans(size: number, before = NEWEST): Promise<Page<Ban>> {
    const { records, clock } = this.deps;
    const inForce: NumberedBan[] = [];
    for (let from = before; inForce.length < size;) {
      const batch = await records.bansBefore(from, size);
      const nowMs = clock.nowMs();
      inForce.push(...batch.filter((ban) => isInForce(ban, nowMs)));
      const last = batch.at(-1);
      if (last === undefined || batch.length < size) break;
      from = last.number;
    }
    return pageOf(inForce.slice(0, size), size);
  }

  /** Returns the subjects of the people that reports or bans are about, or that made a report. */
  subjectsOf(keys: readonly (NetworkKey | undefined)[]): Promise<ReadonlyMap<PersonKey, string>> {
    return this.deps.people.subjectsOf(keys.flatMap((key) => (key && personOf(key)) ?? []));
  }

  #keyOf(target: BanTarget): AddressKey {
    return "subject" in target ? this.deps.keyOf(target.subject) : target.addressKey;
  }
}

/** The retry delay when no further ban fits, in milliseconds. */
const BAN_RETRY_MS = 10 * 60_000;

/** Refuses to store a ban, or the lift of one, beyond the limit. */
function refuseBan(): never {
  const max = String(limits.keptBans);
  const message = `bans of ${max} networks are stored, which is the limit; ended bans are dropped after a day`;
  throw new DomainError("limit_reached", message, { retryAfterMs: BAN_RETRY_MS });
}
