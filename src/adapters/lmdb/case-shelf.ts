import type { Database, RootDatabase } from "lmdb";
import {
  type Case,
  caseKeyOf,
  type CaseNote,
  type CasePlace,
  isFounded,
  openedCase,
  placeOf,
  queuesOf,
  reporterKeysOf,
  type Tally,
  weightOf,
  witnessOf,
  withReport,
} from "../../core/case.js";
import type { AddressKey } from "../../core/ids.js";
import { limits } from "../../core/limits.js";
import { revisionAt } from "../../core/revision.js";
import type { Report } from "../../core/report.js";
import { lastNumbers, nextNumber, type Numbered } from "./database.js";
import { EvidenceShelf } from "./evidence-shelf.js";

/** The queue, the negative priority and the number, by which LMDB sorts the cases of a queue. */
type QueueKey = [queue: string, negative: number, number: number];

/** The cases and their queues, and the accuracy of reporters. Changes must run in a transaction. */
export class CaseShelf {
  readonly #cases: Database<Case, number>;
  /** The unresolved case about each key. */
  readonly #unresolved: Database<number, AddressKey>;
  readonly #queues: Database<true, QueueKey>;
  /** Case numbers by revision. */
  readonly #changes: Database<number, number>;
  readonly #reporters: Database<true, [number, AddressKey]>;
  readonly #notes: Database<CaseNote, [number, number]>;
  readonly #tallies: Database<Tally & { atMs: number }, AddressKey>;
  readonly #evidence: EvidenceShelf;
  readonly #last: Database<number, Numbered>;
  /** The last tally that the current pass of `pruneTallies` has checked. */
  #checked: AddressKey | undefined;

  constructor(root: RootDatabase) {
    this.#cases = root.openDB({ name: "cases" });
    this.#unresolved = root.openDB({ name: "cases-unresolved" });
    this.#queues = root.openDB({ name: "case-queues" });
    this.#changes = root.openDB({ name: "case-changes" });
    this.#reporters = root.openDB({ name: "case-reporters" });
    this.#notes = root.openDB({ name: "case-notes" });
    this.#tallies = root.openDB({ name: "reporter-tallies" });
    this.#evidence = new EvidenceShelf(root);
    this.#last = lastNumbers(root);
  }

  get(number: number): Case | undefined {
    return this.#cases.get(number);
  }

  notesOf(number: number): CaseNote[] {
    return [...this.#notes.getRange({ start: [number, 0], end: [number, Infinity] })].map(({ value }) => value);
  }

  in(queue: string, after: CasePlace | undefined, limit: number): Case[] {
    const start: QueueKey = after ? [queue, 0 - after.priority, after.number + 1] : [queue, -Infinity, 0];
    const end: QueueKey = [queue, Infinity, 0];
    return [...this.#queues.getKeys({ start, end, limit })].flatMap(([, , number]) => this.get(number) ?? []);
  }

  after(revision: number, limit: number): Case[] {
    const changed = this.#changes.getRange({ start: revision + 1, limit });
    return [...changed].flatMap(({ value }) => this.get(value) ?? []);
  }

  /** Adds a report to the case that it is about, or opens one. */
  addReport(report: Report, maxCases: number = limits.keptCases): { case: Case; isNew: boolean } {
    const number = this.#unresolved.get(caseKeyOf(report.reportedKey));
    const former = number === undefined ? undefined : this.get(number);
    const found = former ?? openedCase(nextNumber(this.#last, "case", report.createdMs), report);
    const next = this.put(former, withReport(found, report, this.#weightIn(found, report)), report.createdMs);
    if (former !== undefined) return { case: next, isNew: false };
    void this.#unresolved.put(next.reportedKey, next.number);
    const { entryCount } = this.#cases.getStats() as { entryCount: number };
    if (entryCount > maxCases) this.#dropLast();
    return { case: next, isNew: true };
  }

  /** Replaces a case by its next state, with a revision of its own. */
  put(former: Case | undefined, next: Case, nowMs: number): Case {
    if (former !== undefined) this.#unfile(former);
    const stored = { ...next, revision: nextNumber(this.#last, "case-change", nowMs) };
    void this.#cases.put(stored.number, stored);
    void this.#changes.put(stored.revision, stored.number);
    for (const key of queueKeysOf(stored)) void this.#queues.put(key, true);
    if (stored.resolution !== undefined) void this.#unresolved.remove(stored.reportedKey);
    return stored;
  }

  addNote({ number, notes }: Case, note: CaseNote): void {
    void this.#notes.put([number, notes], note);
  }

  /** Counts the resolution of a case for or against its reporters. */
  tally({ number, resolution }: Case): void {
    if (resolution === undefined) return;
    for (const reporter of this.#reportersOf(number)) {
      const { resolved, acted } = this.#tallies.get(reporter) ?? { resolved: 0, acted: 0 };
      const tally = { resolved: resolved + 1, acted: acted + (isFounded(resolution.outcome) ? 1 : 0) };
      void this.#tallies.put(reporter, { ...tally, atMs: resolution.atMs });
    }
  }

  /** Drops cases that changed last before a time. Returns whether there may be more. */
  prune(beforeMs: number, limit: number): boolean {
    const old = [...this.#changes.getRange({ end: revisionAt(beforeMs), limit })];
    for (const { value } of old) this.#drop(value);
    return old.length === limit;
  }

  /** Checks the next `limit` tallies, and drops those from before a time. Returns whether there are more. */
  pruneTallies(beforeMs: number, limit: number): boolean {
    const start = this.#checked === undefined ? {} : { start: this.#checked, exclusiveStart: true };
    const some = [...this.#tallies.getRange({ ...start, limit })];
    for (const { key, value } of some) if (value.atMs < beforeMs) void this.#tallies.remove(key);
    this.#checked = some.length === limit ? some.at(-1)?.key : undefined;
    return this.#checked !== undefined;
  }

  /** The weight that a report adds; undefined if its reporter is not independent. */
  #weightIn({ number, reporters }: Case, report: Report): number | undefined {
    const keys = reporterKeysOf(report);
    if (reporters >= limits.caseReporters) return undefined;
    if (keys.some((key) => this.#reporters.doesExist([number, key]))) return undefined;
    for (const key of keys) void this.#reporters.put([number, key], true);
    return weightOf(this.#tallies.get(witnessOf(report)));
  }

  #reportersOf(number: number): AddressKey[] {
    return [...this.#reporters.getKeys({ start: [number, ""], end: [number + 1, ""] })].map(([, key]) => key);
  }

  /** Drops the last of the resolved cases, else the last of the queue. */
  #dropLast(): void {
    const last = (queue: string) =>
      [
        ...this.#queues.getKeys({ start: [queue, Infinity, 0], end: [queue, -Infinity, 0], reverse: true, limit: 1 }),
      ][0];
    const number = (last("resolved") ?? last("unresolved"))?.[2];
    if (number !== undefined) this.#drop(number);
  }

  #drop(number: number): void {
    const found = this.get(number);
    if (found === undefined) return;
    this.#unfile(found);
    void this.#cases.remove(number);
    this.#evidence.dropOf(number);
    if (this.#unresolved.get(found.reportedKey) === number) void this.#unresolved.remove(found.reportedKey);
    for (const key of this.#reportersOf(number)) void this.#reporters.remove([number, key]);
    for (let note = 1; note <= found.notes; note++) void this.#notes.remove([number, note]);
  }

  #unfile(found: Case): void {
    void this.#changes.remove(found.revision);
    for (const key of queueKeysOf(found)) void this.#queues.remove(key);
  }
}

function queueKeysOf(found: Case): QueueKey[] {
  const { priority, number } = placeOf(found);
  return queuesOf(found).map((queue) => [queue, 0 - priority, number]); // never -0
}
