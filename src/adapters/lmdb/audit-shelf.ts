import type { Database, RootDatabase } from "lmdb";
import type { AuditAct, AuditDraft, AuditEntry } from "../../core/audit.js";
import { limits } from "../../core/limits.js";
import { revisionAt } from "../../core/revision.js";
import { lastNumbers, nextNumber, type Numbered } from "./database.js";

/** The audit log. Entries are only appended, and dropped by age. Changes must run in a transaction. */
export class AuditShelf {
  readonly #entries: Database<AuditDraft, number>;
  readonly #last: Database<number, Numbered>;

  constructor(root: RootDatabase) {
    this.#entries = root.openDB({ name: "audit" });
    this.#last = lastNumbers(root);
  }

  add(act: AuditAct, atMs: number): void {
    void this.#entries.put(nextNumber(this.#last, "audit", atMs), { ...act, atMs });
    const { entryCount } = this.#entries.getStats() as { entryCount: number };
    if (entryCount > limits.keptAuditEntries) this.#drop({ limit: 1 });
  }

  before(number: number, limit: number): AuditEntry[] {
    const found = this.#entries.getRange({ start: number - 1, reverse: true, limit });
    return [...found].map(({ key, value }) => ({ number: key, ...value }));
  }

  /** Returns whether there may be more. */
  prune(beforeMs: number, limit: number): boolean {
    return this.#drop({ end: revisionAt(beforeMs), limit }) === limit;
  }

  #drop(range: { end?: number; limit: number }): number {
    const old = [...this.#entries.getKeys(range)];
    for (const number of old) void this.#entries.remove(number);
    return old.length;
  }
}
