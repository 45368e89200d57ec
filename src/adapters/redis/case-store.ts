import { auditActOf, type AuditAct, type AuditDraft, type AuditEntry } from "../../core/audit.js";
import {
  AUDIT_KEPT_MS,
  type Case,
  type CaseAct,
  type CaseDecision,
  type CaseNote,
  type CasePlace,
  type CaseResolution,
  decide,
  isFounded,
  type Moderator,
} from "../../core/case.js";
import type { AddressKey } from "../../core/ids.js";
import type { ReportReason } from "../../core/report.js";
import { revisionAt } from "../../core/revision.js";
import type { CaseAnswer, CaseStore } from "../../ports/case-store.js";
import type { StoredReport } from "../../ports/moderation-store.js";
import { chunk } from "./chunk.js";
import { storedReports } from "./moderation-store.js";
import type { ScriptRunner } from "./script-runner.js";

/** The number that `place_of` of `shared/cases.lua` counts priorities down from. */
const TOP_PRIORITY = 9_999_999;

/** Cases in Redis. An act is decided here, and stored only if the case has not changed since it was read. */
export class RedisCases implements CaseStore {
  constructor(private readonly store: ScriptRunner) {}

  async getCase(number: number): Promise<{ case: Case; notes: CaseNote[] } | undefined> {
    const [fields, notes] = (await this.store.run("get_case", number)) as [string[], string[]];
    if (fields.length === 0) return undefined;
    const sorted = chunk(notes, 2).sort(([one], [other]) => Number(one) - Number(other));
    return { case: toCase(number, fields), notes: sorted.map(([, note = ""]) => JSON.parse(note) as CaseNote) };
  }

  casesIn(queue: string, after: CasePlace | undefined, limit: number): Promise<Case[]> {
    return this.#list("in", queue, after === undefined ? "" : toMember(after), limit);
  }

  casesAfter(revision: number, limit: number): Promise<Case[]> {
    return this.#list("after", "", revision, limit);
  }

  async reportsOf(number: number, before: number, limit: number): Promise<StoredReport[]> {
    return storedReports((await this.store.run("reports_of_case", number, before, limit)) as string[]);
  }

  /** Each attempt that finds the case changed was overtaken by another change, so the attempts end. */
  async actOn(number: number, act: CaseAct): Promise<CaseAnswer> {
    for (;;) {
      const found = await this.getCase(number);
      if (found === undefined) return { state: "unknown" };
      const decision = decide(found.case, act, found.notes.at(-1));
      if (decision.refused !== undefined) return { state: decision.refused, case: found.case };
      const entry = auditActOf(act, decision);
      if (decision.next === undefined || entry === undefined) return { state: "done", case: found.case };
      const revision = await this.#change(found.case, act, { ...decision, next: decision.next, entry });
      if (revision !== "") return { state: "done", case: { ...decision.next, revision: Number(revision) } };
    }
  }

  async logAct(entry: AuditDraft): Promise<void> {
    await this.store.run("log_act", ...draftArgs(entry));
  }

  async auditBefore(number: number, limit: number): Promise<AuditEntry[]> {
    const found = (await this.store.run("list_audit", number, limit)) as string[];
    return chunk(found, 3).map(([key, entry = "", atMs]) => ({
      number: Number(key),
      ...(JSON.parse(entry) as AuditAct),
      atMs: Number(atMs),
    }));
  }

  async prune({ casesBeforeMs, auditBeforeMs, limit }: Parameters<CaseStore["prune"]>[0]): Promise<boolean> {
    const args = [revisionAt(casesBeforeMs), revisionAt(auditBeforeMs), limit];
    return (await this.store.run("prune_cases", ...args)) === 1;
  }

  /** @returns the new revision, or an empty string if the case has changed */
  async #change(
    former: Case,
    act: CaseAct,
    { next, note, entry }: CaseDecision & { refused?: undefined; next: Case; entry: AuditAct },
  ): Promise<string> {
    const { lease, resolution } = next;
    const outcome = act.type === "resolve" ? act.outcome : undefined;
    const answer = await this.store.run(
      "change_case",
      ...[former.number, former.revision, act.atMs, JSON.stringify(entry), note ? JSON.stringify(note) : ""],
      ...[outcome ?? "", outcome !== undefined && isFounded(outcome) ? 1 : 0, AUDIT_KEPT_MS],
      ...[lease?.by ?? "", lease?.untilMs ?? "", resolution ? JSON.stringify(resolution) : "", resolution?.by ?? ""],
      next.notes,
    );
    return answer as string;
  }

  async #list(side: "in" | "after", queue: string, after: string | number, limit: number): Promise<Case[]> {
    const found = (await this.store.run("list_cases", side, queue, after, limit)) as (string | string[])[];
    return chunk(found, 2).map(([number, fields]) => toCase(Number(number), fields as string[]));
  }
}

/** The member of a case in the sorted set of a queue. */
function toMember({ priority, number }: CasePlace): string {
  return String(TOP_PRIORITY - priority).padStart(7, "0") + String(number).padStart(17, "0");
}

function toCase(number: number, pairs: string[]): Case {
  const fields = new Map(chunk(pairs, 2).map(([name = "", value = ""]) => [name, value]));
  const numberIn = (name: string) => Number(fields.get(name));
  const [leasedBy, resolution] = [fields.get("leased_by"), fields.get("resolution")];
  return {
    number,
    revision: numberIn("revision"),
    reportedKey: fields.get("key") as AddressKey,
    reason: fields.get("reason") as ReportReason,
    weight: numberIn("weight"),
    reporters: numberIn("reporters"),
    reports: numberIn("reports"),
    notes: numberIn("notes"),
    openedMs: numberIn("opened"),
    reportedMs: numberIn("reported"),
    ...(leasedBy !== undefined && { lease: { by: leasedBy as Moderator, untilMs: numberIn("leased_until") } }),
    ...(resolution !== undefined && { resolution: JSON.parse(resolution) as CaseResolution }),
  };
}

/** An entry for the audit log as scripts take it: two empty texts for none. */
export function draftArgs(entry: AuditDraft | undefined): [entry: string, atMs: number | ""] {
  if (entry === undefined) return ["", ""];
  const { atMs, ...act } = entry;
  return [JSON.stringify(act), atMs];
}
