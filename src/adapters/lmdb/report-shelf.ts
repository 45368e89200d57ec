import type { Database, RootDatabase } from "lmdb";
import { type CaseResolution, resolutionOfReports } from "../../core/case.js";
import type { AddressKey } from "../../core/ids.js";
import { widestOf } from "../../core/network-key.js";
import { answeredParty, type KeptReports, type Report } from "../../core/report.js";
import type { Resolution, StoredReport } from "../../ports/moderation-store.js";
import { EvidenceShelf } from "./evidence-shelf.js";

/** A stored report; without a case in files of older versions. */
export type Kept = Report & { counts: boolean; case?: number; resolution?: Resolution };

/** Reports that count, and other reports, which are dropped first. */
type Class = "other" | "counted";

/** In a class, networks with more reports come first; of equal ones, the one with the oldest report. */
type Rank = [Class, fewer: number, first: number, AddressKey];

/** Stores reports, and drops some when there are too many. Must run in a transaction. */
export class ReportShelf {
  readonly #reports: Database<Kept, number>;
  /** Report numbers by reporter and match. */
  readonly #numbers: Database<number, [string, string]>;
  /** All reports by the widest network of their reporter. */
  readonly #from: Database<true, [Class, AddressKey, number]>;
  readonly #counts: Database<number, [Class, AddressKey]>;
  readonly #ranks: Database<true, Rank>;
  readonly #ofCases: Database<true, [number, number]>;
  readonly #evidence: EvidenceShelf;
  /** Reports that their reporter has not seen the answer to. */
  readonly #unseen: Database<true, [AddressKey, number]>;

  constructor(root: RootDatabase) {
    this.#reports = root.openDB({ name: "reports-by-number" });
    this.#numbers = root.openDB({ name: "report-numbers" });
    this.#from = root.openDB({ name: "reports-from" });
    this.#counts = root.openDB({ name: "report-counts" });
    this.#ranks = root.openDB({ name: "report-ranks" });
    this.#ofCases = root.openDB({ name: "reports-of-cases" });
    this.#evidence = new EvidenceShelf(root);
    this.#unseen = root.openDB({ name: "reports-unseen" });
  }

  numberOf({ reporterId, matchId }: Pick<Report, "reporterId" | "matchId">): number | undefined {
    return this.#numbers.get([reporterId, matchId]);
  }

  get(number: number): Kept | undefined {
    return this.#reports.get(number);
  }

  list(range: { start?: number; end?: number; reverse?: boolean; limit: number }): { key: number; value: Kept }[] {
    return [...this.#reports.getRange(range)];
  }

  /** The reports of a case with a lower number, the newest first. */
  listOf(ofCase: number, before: number, limit: number): { key: number; value: Kept }[] {
    const range = { start: [ofCase, before - 1], end: [ofCase, -1], reverse: true, limit } as const;
    return [...this.#ofCases.getKeys({ ...range, start: [...range.start], end: [...range.end] })].flatMap(([, key]) => {
      const value = this.#reports.get(key);
      return value === undefined ? [] : { key, value };
    });
  }

  /** The latest reports of a party that it has not seen the answer to. */
  unseenBy(party: AddressKey, limit: number): { key: number; value: Kept }[] {
    const range = { start: [party, Infinity], end: [party, -1], reverse: true, limit };
    return [...this.#unseen.getKeys(range as never)].flatMap(([, key]) => {
      const value = this.#reports.get(key);
      return value === undefined ? [] : { key, value };
    });
  }

  markSeen(party: AddressKey, number: number): void {
    void this.#unseen.remove([party, number]);
  }

  resolve(number: number, kept: Kept): void {
    void this.#reports.put(number, kept);
  }

  add(number: number, kept: Kept, limits: KeptReports): void {
    void this.#numbers.put([kept.reporterId, kept.matchId], number);
    void this.#reports.put(number, kept);
    if (kept.case !== undefined) void this.#ofCases.put([kept.case, number], true);
    const party = answeredParty(kept);
    if (party !== undefined) void this.#unseen.put([party, number], true);
    const network = widestOf(kept.reporterKey);
    this.#change(classOf(kept), network, 1, () => void this.#from.put([classOf(kept), network, number], true));
    this.#dropExcess(network, limits);
  }

  drop(number: number, kept: Kept): void {
    void this.#reports.remove(number);
    this.#evidence.drop(number);
    void this.#numbers.remove([kept.reporterId, kept.matchId]);
    if (kept.case !== undefined) void this.#ofCases.remove([kept.case, number]);
    const party = answeredParty(kept);
    if (party !== undefined) this.markSeen(party, number);
    const network = widestOf(kept.reporterKey);
    this.#change(classOf(kept), network, -1, () => void this.#from.remove([classOf(kept), network, number]));
  }

  #dropExcess(network: AddressKey, limits: KeptReports): void {
    const own = this.#countOf("other", network) + this.#countOf("counted", network);
    const { entryCount } = this.#reports.getStats() as { entryCount: number };
    if (own > limits.fromNetwork) this.#dropNumber(this.#first("other", network) ?? this.#first("counted", network));
    else if (entryCount > limits.all) this.#dropNumber(this.#leading("other") ?? this.#leading("counted"));
  }

  #dropNumber(number: number | undefined): void {
    const kept = number === undefined ? undefined : this.#reports.get(number);
    if (number !== undefined && kept !== undefined) this.drop(number, kept);
  }

  /** The oldest report of the network with the most. */
  #leading(kind: Class): number | undefined {
    const [rank] = this.#ranks.getKeys({ start: [kind], end: [kind, Infinity], limit: 1 });
    return rank?.[2];
  }

  #first(kind: Class, network: AddressKey): number | undefined {
    const [entry] = this.#from.getKeys({ start: [kind, network, 0], end: [kind, network, Infinity], limit: 1 });
    return entry?.[2];
  }

  #countOf(kind: Class, network: AddressKey): number {
    return this.#counts.get([kind, network]) ?? 0;
  }

  /** Changes the reports of a network, and updates its rank. */
  #change(kind: Class, network: AddressKey, by: 1 | -1, change: () => void): void {
    const rank = (count: number): Rank => [kind, -count, this.#first(kind, network) ?? 0, network];
    const count = this.#countOf(kind, network);
    if (count > 0) void this.#ranks.remove(rank(count));
    change();
    if (count + by > 0) {
      void this.#counts.put([kind, network], count + by);
      void this.#ranks.put(rank(count + by), true);
    } else void this.#counts.remove([kind, network]);
  }
}

function classOf({ counts }: Kept): Class {
  return counts ? "counted" : "other";
}

/** @param ofCase the resolution of its case */
export function toStored(number: number, kept: Kept, ofCase: CaseResolution | undefined): StoredReport {
  const { reporterId, reporterKey, reporterPerson, reporterDevice, reportedKey, matchId, bothHeard, reason, comment } =
    kept;
  const { matchStartMs, createdMs, resolution = ofCase && resolutionOfReports(ofCase) } = kept;
  const said = { number, reporterId, reporterKey, reportedKey, matchId, bothHeard, reason, comment };
  const by = { ...(reporterPerson && { reporterPerson }), ...(reporterDevice && { reporterDevice }) };
  return { ...said, ...by, matchStartMs, createdMs, resolution };
}
