import { type Ban, type BanRules, isInForce } from "../core/ban.js";
import { DomainError } from "../core/errors.js";
import type { AddressKey, MatchId, SessionId } from "../core/ids.js";
import { limits } from "../core/limits.js";
import type { ReportReason } from "../core/report.js";
import type { Clock } from "../ports/clock.js";
import type { Lobby } from "../ports/lobby.js";
import type { Meter } from "../ports/meter.js";
import type { NumberedBan, ModerationStore, StoredReport } from "../ports/moderation-store.js";
import type { Bans } from "./bans.js";
import { type Caller, refuseUnknown, sessionOf } from "./caller.js";
import { NEWEST, type Page, pageOf } from "./pagination.js";
import { ChangeFeed } from "./change-feed.js";

export interface ReportCommand {
  matchId: MatchId;
  reason: ReportReason;
  comment: string;
}

export interface BanCommand {
  addressKey: AddressKey;
  reason: string;
  /** Undefined: as long as automatic bans. */
  durationMs: number | undefined;
}

interface Parts {
  lobby: Lobby;
  records: ModerationStore;
  bans: Bans;
  clock: Clock;
  meter: Pick<Meter, "reported" | "banned">;
  rules: BanRules;
  /** Gives up what is offered between two who are kept apart. */
  giveUpTips: (sessionId: SessionId, partnerId: SessionId) => Promise<void>;
}

/** Takes reports, and lets operators read them and keep people out. */
export class Moderation {
  readonly #watchers: ChangeFeed<StoredReport>;

  constructor(private readonly parts: Parts) {
    const { records, clock } = parts;
    this.#watchers = new ChangeFeed((after, limit) => records.reportsAfter(after, limit), clock);
  }

  /**
   * Separates the two first, gives up what is offered between them, then stores the report; a repeated call makes up for
   * a store that failed in between.
   * @throws DomainError `match_over`, `limit_reached`, `session_unknown`
   */
  async report(caller: Caller, { matchId, reason, comment }: ReportCommand): Promise<void> {
    const { lobby, records, bans, clock, meter, rules } = this.parts;
    const reporterId = sessionOf(caller);
    const createdMs = clock.nowMs();
    const reported = await lobby.report({ sessionId: reporterId, matchId, nowMs: createdMs });
    switch (reported.state) {
      case "unknown":
        return refuseUnknown();
      case "over":
        throw new DomainError("match_over", "this match was not yours, or is more than ten minutes ago");
      case "exhausted":
        throw new DomainError("limit_reached", "this session has reported as many people as it may");
      case "reported":
      case "repeated": {
        const { partnerId, partnerKey: reportedKey, reporterKey, bothHeard, matchStartMs } = reported;
        await this.parts.giveUpTips(reporterId, partnerId);
        const about = { reporterId, reporterKey, reportedKey, matchId, bothHeard, matchStartMs };
        const { isNew, ban } = await records.addReport({ ...about, reason, comment, createdMs }, rules);
        if (isNew) {
          meter.reported(reason);
          this.#watchers.notify();
        }
        if (ban === undefined) return;
        meter.banned("reports");
        await bans.update();
      }
    }
  }

  /** The newest reports first. */
  async listReports(size: number, before = NEWEST): Promise<Page<StoredReport>> {
    return pageOf(await this.parts.records.reportsBefore(before, size), size);
  }

  /** Every report after a number, once and in order: those there are, then those that come, on whatever node. */
  watchReports(after: number, signal: AbortSignal): AsyncGenerator<StoredReport, void, undefined> {
    return this.#watchers.watch(after, signal);
  }

  /** @throws DomainError `report_unknown` */
  async resolveReport(number: number, text: string): Promise<StoredReport> {
    const resolution = { text, resolvedMs: this.parts.clock.nowMs() };
    const report = await this.parts.records.resolveReport(number, resolution);
    if (report !== undefined) return report;
    throw new DomainError("report_unknown", "report_id: there is no such report, or it is not kept any more", {
      field: "report_id",
    });
  }

  async ban({ addressKey, reason, durationMs }: BanCommand): Promise<Ban> {
    const createdMs = this.parts.clock.nowMs();
    const expiresMs = createdMs + (durationMs ?? this.parts.rules.durationMs);
    const ban = { addressKey, reason, automatic: false, createdMs, expiresMs };
    if (!(await this.parts.records.putBan(ban))) refuseBan();
    this.parts.meter.banned("operator");
    await this.parts.bans.update();
    return ban;
  }

  /** @returns whether the network was kept out */
  async unban(addressKey: AddressKey): Promise<boolean> {
    const wasBanned = await this.parts.records.liftBan(addressKey, this.parts.clock.nowMs());
    if (wasBanned === "full") refuseBan();
    await this.parts.bans.update();
    return wasBanned;
  }

  /** The newest bans in force first. */
  async listBans(size: number, before = NEWEST): Promise<Page<Ban>> {
    const { records, clock } = this.parts;
    const inForce: NumberedBan[] = [];
    for (let from = before; inForce.length < size;) {
      const some = await records.bansBefore(from, size);
      const nowMs = clock.nowMs();
      inForce.push(...some.filter((ban) => isInForce(ban, nowMs)));
      const last = some.at(-1);
      if (last === undefined || some.length < size) break;
      from = last.number;
    }
    return pageOf(inForce.slice(0, size), size);
  }
}

/** After how long there may be room for a further ban, in milliseconds. */
const BAN_RETRY_MS = 10 * 60_000;

/** Refuses a ban, or to remember that one was lifted, of one network too many. */
function refuseBan(): never {
  const most = String(limits.keptBans);
  const message = `bans of ${most} networks are remembered, which is all there may be; those that end make room a day later`;
  throw new DomainError("limit_reached", message, { retryAfterMs: BAN_RETRY_MS });
}
