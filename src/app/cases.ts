import type { AuditEntry } from "../core/audit.js";
import {
  type Case,
  type CaseAct,
  type CaseFilter,
  type CaseNote,
  type CaseOutcome,
  type CasePlace,
  type CaseRefusal,
  isWanted,
  type Moderator,
  placeOf,
  queueFor,
} from "../core/case.js";
import { DomainError } from "../core/errors.js";
import type { AddressKey, PersonKey } from "../core/ids.js";
import { limits } from "../core/limits.js";
import { personOf } from "../core/session-key.js";
import type { CaseStore } from "../ports/case-store.js";
import type { Clock } from "../ports/clock.js";
import type { StoredReport } from "../ports/moderation-store.js";
import { ChangeFeed } from "./change-feed.js";
import { NEWEST, type Page, pageOf } from "./pagination.js";
import type { People } from "./people.js";
import type { ReportAnswers } from "./report-answers.js";

/** Cases in order, and the place that the next page is behind; undefined for the last page. */
export interface CasePage {
  items: Case[];
  after: CasePlace | undefined;
}

/** Lets moderators work on cases. */
export class Cases {
  readonly #feed: ChangeFeed<{ number: number; case: Case }>;

  constructor(
    private readonly store: CaseStore,
    private readonly clock: Clock,
    private readonly people: Pick<People, "subjectsOf">,
    private readonly answers: Pick<ReportAnswers, "announce">,
  ) {
    const after = async (revision: number, limit: number) => {
      const changed = await store.casesAfter(revision, limit);
      return changed.map((one) => ({ number: one.revision, case: one }));
    };
    this.#feed = new ChangeFeed(after, clock);
  }

  nowMs(): number {
    return this.clock.nowMs();
  }

  /** Lists cases, the highest priority first. Visits `limits.caseVisits` at most, and may therefore return fewer. */
  async list(filter: CaseFilter, size: number, after?: CasePlace): Promise<CasePage> {
    const [queue, nowMs, items] = [queueFor(filter), this.nowMs(), [] as Case[]];
    for (let visits = 0; visits < limits.caseVisits;) {
      const count = Math.min(size, limits.caseVisits - visits);
      const batch = await this.store.casesIn(queue, after, count);
      visits += count;
      for (const found of batch) {
        after = placeOf(found);
        if (isWanted(found, filter, nowMs)) items.push(found);
        if (items.length === size) return { items, after };
      }
      if (batch.length < count) return { items, after: undefined };
    }
    return { items, after };
  }

  /** @throws DomainError `case_unknown` */
  async get(number: number): Promise<{ case: Case; notes: CaseNote[] }> {
    return (await this.store.getCase(number)) ?? refuseUnknown();
  }

  /** Lists the reports of a case, the newest first. */
  async reportsOf(number: number, size: number, before = NEWEST): Promise<Page<StoredReport>> {
    return pageOf(await this.store.reportsOf(number, before, size), size);
  }

  /** @throws DomainError `case_unknown`, `case_taken`, `case_over` */
  claim(number: number, by: Moderator): Promise<Case> {
    return this.#actOn(number, { type: "claim", by, atMs: this.nowMs() });
  }

  /** @throws DomainError `case_unknown`, `case_taken`, `case_over` */
  release(number: number, by: Moderator): Promise<Case> {
    return this.#actOn(number, { type: "release", by, atMs: this.nowMs() });
  }

  /**
   * Resolves a case and its reports, and notifies the reporters in the background.
   * @throws DomainError `case_unknown`, `case_unclaimed`, `case_taken`, `case_over`
   */
  async resolve(number: number, by: Moderator, outcome: CaseOutcome, text: string): Promise<Case> {
    const resolved = await this.#actOn(number, { type: "resolve", by, outcome, text, atMs: this.nowMs() });
    this.answers.announce(number);
    return resolved;
  }

  /** @throws DomainError `case_unknown`, `limit_reached` */
  addNote(number: number, by: Moderator, text: string): Promise<Case> {
    return this.#actOn(number, { type: "note", by, text, atMs: this.nowMs() });
  }

  /** Yields each case with a later revision, once, and then whichever changes. */
  async *watch(after: number, signal: AbortSignal): AsyncGenerator<Case, void, undefined> {
    for await (const changed of this.#feed.watch(after, signal)) yield changed.case;
  }

  /** Lists the audit log, the newest first. */
  async listAudit(size: number, before = NEWEST): Promise<Page<AuditEntry>> {
    return pageOf(await this.store.auditBefore(before, size), size);
  }

  /** Returns the subjects of the people that cases are about. */
  subjectsOf(keys: readonly AddressKey[]): Promise<ReadonlyMap<PersonKey, string>> {
    return this.people.subjectsOf(keys.flatMap((key) => personOf(key) ?? []));
  }

  async #actOn(number: number, act: CaseAct): Promise<Case> {
    const answer = await this.store.actOn(number, act);
    if (answer.state === "unknown") return refuseUnknown();
    if (answer.state !== "done") return refuse(answer.state, answer.case);
    this.#feed.notify();
    return answer.case;
  }
}

function refuseUnknown(): never {
  const message = "case_id: there is no such case, or it is no longer kept";
  throw new DomainError("case_unknown", message, { field: "case_id" });
}

function refuse(state: CaseRefusal, { lease }: Case): never {
  switch (state) {
    case "taken":
      throw new DomainError("case_taken", `${lease?.by ?? "another moderator"} reviews this case`, {
        ...(lease && { expiresMs: lease.untilMs }),
      });
    case "resolved":
      throw new DomainError("case_over", "this case is resolved");
    case "unclaimed":
      throw new DomainError("case_unclaimed", "claim this case first; a claim lasts 15 minutes");
    case "full":
      throw new DomainError("limit_reached", `this case has ${String(limits.caseNotes)} notes, which is the limit`);
  }
}
