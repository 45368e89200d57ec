import { isFounded } from "../core/case.js";
import { isStoreAway } from "../core/errors.js";
import type { DeviceKey, PersonKey, SessionId } from "../core/ids.js";
import { limits } from "../core/limits.js";
import { answeredParty, type ReportAnswer } from "../core/report.js";
import type { Known } from "../core/session-key.js";
import type { CaseStore } from "../ports/case-store.js";
import type { Clock } from "../ports/clock.js";
import type { ReportStore } from "../ports/moderation-store.js";
import type { Partners } from "../ports/partners.js";
import type { Roster } from "../ports/roster.js";
import { type Caller, sessionOf } from "./caller.js";
import { NEWEST } from "./pagination.js";

/** How many reports of a case are read in one step, and how many are answered at once. Others are answered later. */
const BATCH_SIZE = 100;
const ANSWERED_AT_ONCE = 1_000;

interface ReportAnswersDependencies {
  records: Pick<ReportStore, "answersFor" | "markSeen">;
  cases: Pick<CaseStore, "getCase" | "reportsOf">;
  lobby: Pick<Partners, "append">;
  roster: Pick<Roster, "sessions">;
  clock: Clock;
  onError: (error: unknown) => void;
}

/** Whose reports are answered. */
type Party = PersonKey | DeviceKey;

/**
 * Tells those who reported somebody how that ended: at once in their open sessions, and at the beginning of each further
 * one until they have seen it. An answer may arrive twice in a session that opens at that moment.
 */
export class ReportAnswers {
  constructor(private readonly deps: ReportAnswersDependencies) {}

  /** Tells the reporters of a resolved case who are connected, to any instance, without being waited for. */
  announce(caseNumber: number): void {
    this.#attempt(() => this.#announce(caseNumber));
  }

  /** Tells a session that opened what its person or browser has not seen, without being waited for. */
  greet(sessionId: SessionId, known: Known): void {
    const party = partyOf(known);
    if (party === undefined) return;
    this.#attempt(async () => {
      const answers = await this.deps.records.answersFor(party);
      for (const answer of answers.reverse()) await this.#tell(sessionId, answer);
    });
  }

  /** @throws DomainError `token_invalid` */
  async acknowledge(caller: Caller, reports: readonly number[]): Promise<void> {
    sessionOf(caller);
    const party = partyOf(caller);
    if (party !== undefined) await this.deps.records.markSeen(party, reports);
  }

  async #announce(caseNumber: number): Promise<void> {
    const { cases } = this.deps;
    const resolution = (await cases.getCase(caseNumber))?.case.resolution;
    if (resolution === undefined) return;
    const actedOn = isFounded(resolution.outcome);
    let before = NEWEST;
    for (let read = 0; read < ANSWERED_AT_ONCE; read += BATCH_SIZE) {
      const reports = await cases.reportsOf(caseNumber, before, BATCH_SIZE);
      for (const report of reports) {
        const { number, createdMs } = report;
        const party = answeredParty(report);
        if (party !== undefined) await this.#tellAll(party, { report: number, actedOn, createdMs });
      }
      const last = reports.at(-1);
      if (last === undefined || reports.length < BATCH_SIZE) return;
      before = last.number;
    }
  }

  /** Tells the latest sessions of a person or a browser. */
  async #tellAll(party: Party, answer: ReportAnswer): Promise<void> {
    const page = { before: NEWEST, limit: limits.answeredSessions, addressKey: party };
    for (const { sessionId, personKey } of await this.deps.roster.sessions(page)) {
      if (personKey === "" || personKey === party) await this.#tell(sessionId, answer);
    }
  }

  async #tell(sessionId: SessionId, answer: ReportAnswer): Promise<void> {
    const event = { type: "report_updated" as const, ...answer };
    await this.deps.lobby.append({ sessionId, event, nowMs: this.deps.clock.nowMs() });
  }

  #attempt(act: () => Promise<void>): void {
    act().catch((error: unknown) => {
      if (!isStoreAway(error)) this.deps.onError(error); // the next session delivers it
    });
  }
}

/** Whom the answers of a session are for. */
function partyOf({ person, device }: Known): Party | undefined {
  return person ?? device;
}
