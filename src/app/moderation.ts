import { DomainError } from "../core/errors.js";
import type { MatchId } from "../core/ids.js";
import type { Clock } from "../ports/clock.js";
import type { Lobby } from "../ports/lobby.js";
import type { Records, ReportReason } from "../ports/records.js";
import { type Caller, refuseUnknown, sessionOf } from "./caller.js";

export interface ReportCommand {
  matchId: MatchId;
  reason: ReportReason;
  comment: string;
}

/** Takes reports. */
export class Moderation {
  constructor(private readonly parts: { lobby: Lobby; records: Records; clock: Clock }) {}

  /**
   * Separates the two first, then stores the report; a repeated call makes up for a store that failed in between.
   * @throws DomainError `match_over`, `limit_reached`, `session_unknown`
   */
  async report(caller: Caller, { matchId, reason, comment }: ReportCommand): Promise<void> {
    const reporterId = sessionOf(caller);
    const nowMs = this.parts.clock.nowMs();
    const reported = await this.parts.lobby.report({ sessionId: reporterId, matchId, nowMs });
    switch (reported.state) {
      case "unknown":
        return refuseUnknown();
      case "over":
        throw new DomainError("match_over", "this match was not yours, or is more than ten minutes ago");
      case "exhausted":
        throw new DomainError("limit_reached", "this session has reported as many people as it may");
      case "reported":
      case "repeated": {
        const { partnerId: reportedId } = reported;
        await this.parts.records.addReport({ reporterId, reportedId, matchId, reason, comment, createdMs: nowMs });
      }
    }
  }
}
