import type { Database, RootDatabase } from "lmdb";
import { type Deposit, type DepositHolder, holderName, holdersOf, isOpen } from "../../core/deposit.js";
import type { DepositId } from "../../core/ids.js";
import type { AddedDeposit, DepositStore, StoredDeposit } from "../../ports/deposit-store.js";
import { commit, lastNumbers, nextNumber, type Numbered } from "./database.js";

/** A list, a place in it, and the deposit at that place. */
type Entry = [list: string, place: number, id: DepositId];

interface Range {
  start: [string, number];
  end: [string, number];
  reverse?: boolean;
  limit: number;
}

/**
 * Deposits in an embedded database file. A write is flushed to disk before it resolves. Of the sorted lists, "all" is
 * sorted by the number of the latest change, "open" by when a deposit is due, "open:…" (of an instance) by creation, and
 * "kept" (final deposits) by when one is dropped.
 */
export class LmdbDeposits implements DepositStore {
  readonly #deposits: Database<StoredDeposit, DepositId>;
  readonly #lists: Database<true, Entry | [list: string, place: number]>;
  /** The latest deposit of each session and browser. */
  readonly #holders: Database<DepositId, string>;
  readonly #last: Database<number, Numbered>;

  constructor(private readonly root: RootDatabase) {
    this.#deposits = root.openDB({ name: "deposits" });
    this.#lists = root.openDB({ name: "deposit-lists" });
    this.#holders = root.openDB({ name: "deposit-holders" });
    this.#last = lastNumbers(root);
  }

  add(deposit: Deposit, max: number): Promise<AddedDeposit> {
    return commit(this.root, () => {
      const known = this.#latest(deposit);
      if (known !== undefined && isOpen(known)) return { state: "known", deposit: known };
      const { entryCount } = this.#deposits.getStats() as { entryCount: number };
      if (entryCount >= max) return { state: "full" };
      for (const holder of holdersOf(deposit)) void this.#holders.put(holder, deposit.id);
      return { state: "added", deposit: this.#write(deposit) };
    });
  }

  get(id: DepositId): Promise<StoredDeposit | undefined> {
    return Promise.resolve(this.#deposits.get(id));
  }

  latest(holder: DepositHolder): Promise<StoredDeposit | undefined> {
    return Promise.resolve(this.#latest(holder));
  }

  change(next: Deposit, number: number): ReturnType<DepositStore["change"]> {
    return commit(this.root, () => {
      const former = this.#deposits.get(next.id);
      if (former?.number !== number) return { state: "stale" };
      for (const entry of entriesOf(former)) void this.#lists.remove(entry);
      return { state: "changed", deposit: this.#write(next) };
    });
  }

  due(nowMs: number, limit: number): Promise<StoredDeposit[]> {
    return this.#list({ start: ["open", 0], end: ["open", nowMs + 1], limit });
  }

  openOf(instance: string, limit: number): Promise<StoredDeposit[]> {
    const list = `open:${instance}`;
    return this.#list({ start: [list, 0], end: [list, Infinity], limit });
  }

  before(number: number, limit: number): Promise<StoredDeposit[]> {
    return this.#list({ start: ["all", number], end: ["all", 0], reverse: true, limit });
  }

  prune(beforeMs: number, limit: number): Promise<boolean> {
    return commit(this.root, () => {
      const range: Range = { start: ["kept", 0], end: ["kept", beforeMs], limit };
      const over = this.#read(range);
      for (const deposit of over) this.#drop(deposit);
      return over.length === limit;
    });
  }

  #latest(holder: DepositHolder): StoredDeposit | undefined {
    const id = this.#holders.get(holderName(holder));
    return id === undefined ? undefined : this.#deposits.get(id);
  }

  #write(deposit: Deposit): StoredDeposit {
    const stored = { ...deposit, number: nextNumber(this.#last, "deposit", deposit.changedMs) };
    void this.#deposits.put(deposit.id, stored);
    for (const entry of entriesOf(stored)) void this.#lists.put(entry, true);
    return stored;
  }

  #drop(deposit: StoredDeposit): void {
    for (const entry of entriesOf(deposit)) void this.#lists.remove(entry);
    for (const holder of holdersOf(deposit)) {
      if (this.#holders.get(holder) === deposit.id) void this.#holders.remove(holder);
    }
    void this.#deposits.remove(deposit.id);
  }

  #list(range: Range): Promise<StoredDeposit[]> {
    return Promise.resolve(this.#read(range));
  }

  #read(range: Range): StoredDeposit[] {
    const keys = this.#lists.getKeys(range);
    return [...keys].flatMap((entry) => this.#deposits.get((entry as Entry)[2]) ?? []);
  }
}

function entriesOf({ id, number, instance, state, createdMs, dueMs }: StoredDeposit): Entry[] {
  const all: Entry = ["all", number, id];
  if (!isOpen({ state })) return [all, ["kept", dueMs, id]];
  return [all, ["open", dueMs, id], [`open:${instance}`, createdMs, id]];
}
