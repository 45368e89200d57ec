import { requestAudit } from "../core/audit.js";
import type { Moderator } from "../core/case.js";
import type { AddressKey, MatchId, PersonKey, SessionId } from "../core/ids.js";
import type { Participant } from "../core/log-event.js";
import { revisionAt } from "../core/revision.js";
import type { CaseStore } from "../ports/case-store.js";
import type { Clock } from "../ports/clock.js";
import type { ListedMatch, ListedSession, Roster } from "../ports/roster.js";
import type { People } from "./people.js";
import { NEWEST, type Page, pageOf } from "./pagination.js";

export interface SessionFilter {
  state: ListedSession["state"] | undefined;
  /** A network or a person; undefined for all. */
  of: { addressKey: AddressKey } | { subject: string } | undefined;
}

export interface MatchFilter {
  olderThanMs: number;
  answered: boolean | undefined;
}

/** Lets operators see and end sessions and matches. Filters apply to a page, which may therefore be short. */
export class Operations {
  constructor(
    private readonly roster: Roster,
    private readonly clock: Clock,
    private readonly people: Pick<People, "subjectsOf" | "keyOf">,
    private readonly log: Pick<CaseStore, "logAct">,
  ) {}

  /** Returns the subjects of the people of sessions. */
  subjectsOf(...sessions: readonly Participant[]): Promise<ReadonlyMap<PersonKey, string>> {
    return this.people.subjectsOf(sessions.flatMap(({ personKey }) => personKey || []));
  }

  async listSessions(
    size: number,
    before: number | undefined,
    { state, of }: SessionFilter,
  ): Promise<Page<ListedSession>> {
    const addressKey = of && ("subject" in of ? this.people.keyOf(of.subject) : of.addressKey);
    const page = pageOf(await this.roster.sessions({ before: before ?? NEWEST, limit: size, addressKey }), size);
    return { ...page, items: page.items.filter((session) => state === undefined || session.state === state) };
  }

  async listMatches(
    size: number,
    before: number | undefined,
    { olderThanMs, answered }: MatchFilter,
  ): Promise<Page<ListedMatch>> {
    const oldEnough = olderThanMs === 0 ? NEWEST : Math.max(0, revisionAt(this.clock.nowMs() - olderThanMs));
    const page = pageOf(
      await this.roster.matches({ before: Math.min(before ?? NEWEST, oldEnough), limit: size }),
      size,
    );
    return { ...page, items: page.items.filter((match) => answered === undefined || match.answered === answered) };
  }

  /** Returns whether the match was running. Not done unless it is logged (`RequestedAct`). */
  async endMatch(matchId: MatchId, by: Moderator): Promise<boolean> {
    await this.log.logAct({ ...requestAudit("match_ended", matchId, by), atMs: this.clock.nowMs() });
    return (await this.roster.endMatch({ matchId, nowMs: this.clock.nowMs() })).state === "ended";
  }

  /** Returns whether the session was open. Not done unless it is logged. */
  async closeSession(sessionId: SessionId, by: Moderator): Promise<boolean> {
    await this.log.logAct({ ...requestAudit("session_closed", sessionId, by), atMs: this.clock.nowMs() });
    return (await this.roster.closeSession({ sessionId, nowMs: this.clock.nowMs() })).state === "closed";
  }
}
