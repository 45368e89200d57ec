import type { Database, RootDatabase } from "lmdb";
import type { Commitments, Evidence, EvidencePiece } from "../../core/evidence.js";

/** Stored evidence without its pieces. Case 0 stands for none. */
interface Kept {
  case: number;
  count: number;
  received: number;
  commitments: Commitments;
}

/** The evidence of reports. Changes must run in a transaction. */
export class EvidenceShelf {
  /** By the number of the report, so the oldest comes first. */
  readonly #kept: Database<Kept, number>;
  readonly #pieces: Database<Uint8Array, [report: number, index: number]>;
  readonly #ofCases: Database<true, [ofCase: number, report: number]>;

  constructor(root: RootDatabase) {
    this.#kept = root.openDB({ name: "evidence" });
    this.#pieces = root.openDB({ name: "evidence-pieces" });
    this.#ofCases = root.openDB({ name: "evidence-of-cases" });
  }

  /** @returns false if another piece has the index, or the others say another count */
  add(report: number, ofCase: number, piece: EvidencePiece, maxPieces: number): boolean {
    const { index, count, data, commitments } = piece;
    const kept = this.#kept.get(report) ?? { case: ofCase, count, received: 0, commitments };
    if (kept.count !== count) return false;
    const known = this.#pieces.get([report, index]);
    if (known !== undefined) return Buffer.compare(known, data) === 0;
    void this.#pieces.put([report, index], data);
    void this.#kept.put(report, { ...kept, received: kept.received + 1 });
    void this.#ofCases.put([kept.case, report], true);
    const { entryCount } = this.#pieces.getStats() as { entryCount: number };
    if (entryCount > maxPieces) this.#dropOldestBut(report);
    return true;
  }

  isComplete(report: number): boolean {
    return this.#complete(report) !== undefined;
  }

  get(report: number): (Evidence & { case: number }) | undefined {
    const kept = this.#complete(report);
    if (kept === undefined) return undefined;
    const indices = Array.from({ length: kept.count }, (_, index) => index);
    const pieces = indices.flatMap((index) => this.#pieces.get([report, index]) ?? []);
    return { pieces, commitments: kept.commitments, case: kept.case };
  }

  drop(report: number): void {
    const kept = this.#kept.get(report);
    if (kept === undefined) return;
    void this.#kept.remove(report);
    void this.#ofCases.remove([kept.case, report]);
    for (let index = 0; index < kept.count; index++) void this.#pieces.remove([report, index]);
  }

  dropOf(ofCase: number): void {
    const found = [...this.#ofCases.getKeys({ start: [ofCase, 0], end: [ofCase, Infinity] })];
    for (const [, report] of found) this.drop(report);
  }

  /** Drops that of reports with a lower number. Returns whether there may be more. */
  prune(before: number, limit: number): boolean {
    const old = [...this.#kept.getKeys({ end: before, limit })];
    for (const report of old) this.drop(report);
    return old.length === limit;
  }

  #complete(report: number): Kept | undefined {
    const kept = this.#kept.get(report);
    return kept?.received === kept?.count ? kept : undefined;
  }

  #dropOldestBut(report: number): void {
    const oldest = [...this.#kept.getKeys({ limit: 2 })].find((other) => other !== report);
    if (oldest !== undefined) this.drop(oldest);
  }
}
