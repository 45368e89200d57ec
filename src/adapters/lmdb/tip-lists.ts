import type { Database, RootDatabase } from "lmdb";
import type { SessionId, TipId } from "../../core/ids.js";
import { isOpen, tipKeptUntilMs } from "../../core/tip.js";
import type { LedgerEntry, TipsOf } from "../../ports/tip-ledger.js";

/** A list, a place in it, and the tip at that place. */
type Entry = [list: string, place: number, id: TipId];

/**
 * Sorted lists of tips. Changes must run in a transaction. "all", "match:…" and "session:…" are sorted by the number
 * of the latest change, "open" by deadline, "open:…" (of a payer) by creation, "kept" (final tips) by when they may be
 * deleted, and "pending" (tips with a pending notification) by the time of the change.
 */
export class TipLists {
  readonly #entries: Database<true, Entry | [list: string, place: number]>;

  constructor(root: RootDatabase) {
    this.#entries = root.openDB({ name: "tip-lists" });
  }

  add(tip: LedgerEntry): void {
    for (const entry of [...entriesOf(tip), pendingEntry(tip)]) void this.#entries.put(entry, true);
  }

  drop(tip: LedgerEntry): void {
    for (const entry of [...entriesOf(tip), pendingEntry(tip)]) void this.#entries.remove(entry);
  }

  markNotified(tip: LedgerEntry): void {
    void this.#entries.remove(pendingEntry(tip));
  }

  /** Number of open tips of a payer, up to `limit`. */
  countOpen(payerId: SessionId, limit: number): number {
    const list = openList(payerId);
    return this.#entries.getKeysCount({ start: [list, 0], end: [list, Infinity], limit });
  }

  openOf(payerId: SessionId, limit: number): TipId[] {
    return this.#ids({ start: [openList(payerId), 0], end: [openList(payerId), Infinity], limit });
  }

  before(of: TipsOf | undefined, number: number, limit: number): TipId[] {
    const list = of === undefined ? "all" : listOf(of);
    return this.#ids({ start: [list, number], end: [list, 0], reverse: true, limit });
  }

  after(number: number, limit: number): TipId[] {
    return this.#ids({ start: ["all", number + 1], end: ["all", Infinity], limit });
  }

  /** The entries before a place. */
  until(list: "open" | "kept" | "pending", place: number, limit: number): TipId[] {
    return this.#ids({ start: [list, 0], end: [list, place], limit });
  }

  #ids(range: { start: [string, number]; end: [string, number]; reverse?: boolean; limit: number }): TipId[] {
    return [...this.#entries.getKeys(range)].map((entry) => (entry as Entry)[2]);
  }
}

function entriesOf(tip: LedgerEntry): Entry[] {
  const { id, number, matchId, payerId, payeeId, createdMs, deadlineMs } = tip;
  const ofNumber = ["all", listOf({ matchId }), listOf({ sessionId: payerId }), listOf({ sessionId: payeeId })];
  const inTime: Entry[] = isOpen(tip)
    ? [
        ["open", deadlineMs, id],
        [openList(payerId), createdMs, id],
      ]
    : [["kept", tipKeptUntilMs(tip), id]];
  return [...ofNumber.map((list): Entry => [list, number, id]), ...inTime];
}

function pendingEntry({ id, changedMs }: LedgerEntry): Entry {
  return ["pending", changedMs, id];
}

function listOf(of: TipsOf): string {
  return "matchId" in of ? `match:${of.matchId}` : `session:${of.sessionId}`;
}

function openList(payerId: SessionId): string {
  return `open:${payerId}`;
}
