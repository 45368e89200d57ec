import type { Database, RootDatabase } from "lmdb";
import type { AddressKey, SessionId, TipId } from "../../core/ids.js";
import { dayOf } from "../../core/day.js";
import { type Tip, type TipBudget, type TotalName, totalsOf } from "../../core/tip.js";
import type { Entered, LedgerEntry, TipsOf, TipStore, Total } from "../../ports/tip-ledger.js";
import { commit, lastNumbers, nextNumber, type Numbered } from "./database.js";
import { EventShelf } from "./event-shelf.js";
import { TipLists } from "./tip-lists.js";

/** Max skew between clocks: after this long, a day has ended on all of them, in milliseconds. */
const MAX_SKEW_MS = 60 * 60_000;

/** The ledger of tips in an embedded database file. A write is flushed to disk before it resolves. */
export class LmdbTips implements TipStore {
  readonly #tips: Database<LedgerEntry, TipId>;
  /** The tip of each payment hash. */
  readonly #hashes: Database<TipId, string>;
  readonly #totals: Database<Total, TotalName>;
  /** Number of tips per day and network. */
  readonly #ofNetworks: Database<number, [day: string, AddressKey]>;
  readonly #last: Database<number, Numbered>;
  readonly #lists: TipLists;

  constructor(
    private readonly root: RootDatabase,
    private readonly events = new EventShelf(root),
  ) {
    this.#tips = root.openDB({ name: "tips" });
    this.#hashes = root.openDB({ name: "payment-hashes" });
    this.#totals = root.openDB({ name: "tip-totals" });
    this.#ofNetworks = root.openDB({ name: "tips-of-networks" });
    this.#last = lastNumbers(root);
    this.#lists = new TipLists(root);
  }

  add(tip: Tip, networks: readonly AddressKey[], budget: TipBudget): Promise<Entered> {
    return commit(this.root, () => {
      const known = this.#tips.get(tip.id);
      if (known !== undefined) return { state: "known", tip: known };
      const day = dayOf(tip.createdMs);
      const refusal = this.#refusal(tip, day, networks, budget);
      if (refusal !== undefined) return { state: refusal };
      for (const key of networks) void this.#ofNetworks.put([day, key], this.#countOf(day, key) + 1);
      return { state: "added", tip: this.#write(tip) };
    });
  }

  get(id: TipId): Promise<LedgerEntry | undefined> {
    return Promise.resolve(this.#tips.get(id));
  }

  change(next: Tip, number: number): ReturnType<TipStore["change"]> {
    return commit(this.root, () => {
      const former = this.#tips.get(next.id);
      if (former?.number !== number) return { state: "stale" };
      if (former.state === next.state) return this.#addReceipt(former, next);
      const owner = next.invoice && this.#hashes.get(next.invoice.paymentHash);
      if (owner !== undefined && owner !== next.id) return { state: "hash_used" };
      this.#lists.drop(former);
      this.#count(former, -1);
      this.#count(next, 1);
      if (next.state === "settled") this.#log("tip_settled", next);
      if (next.state === "received") this.#log("tip_received", next);
      return { state: "changed", tip: this.#write(next) };
    });
  }

  before(number: number, limit: number, of?: TipsOf): Promise<LedgerEntry[]> {
    return this.#read(this.#lists.before(of, number, limit));
  }

  after(number: number, limit: number): Promise<LedgerEntry[]> {
    return this.#read(this.#lists.after(number, limit));
  }

  openOf(payerId: SessionId, limit: number): Promise<LedgerEntry[]> {
    return this.#read(this.#lists.openOf(payerId, limit));
  }

  due(nowMs: number, limit: number): Promise<LedgerEntry[]> {
    return this.#read(this.#lists.until("open", nowMs + 1, limit));
  }

  pendingNotifications(beforeMs: number, limit: number): Promise<LedgerEntry[]> {
    return this.#read(this.#lists.until("pending", beforeMs, limit));
  }

  markNotified(id: TipId, number: number): Promise<void> {
    return commit(this.root, () => {
      const tip = this.#tips.get(id);
      if (tip?.number === number) this.#lists.markNotified(tip);
    });
  }

  total(name: TotalName): Promise<Total> {
    return Promise.resolve(this.#totals.get(name) ?? { count: 0, amountMsat: 0 });
  }

  prune(nowMs: number, limit: number): Promise<boolean> {
    return commit(this.root, () => {
      const over = this.#find(this.#lists.until("kept", nowMs + 1, limit));
      for (const tip of over) this.#forget(tip);
      const days = [...this.#ofNetworks.getKeys({ end: [dayOf(nowMs - MAX_SKEW_MS)] as never, limit })];
      for (const key of days) void this.#ofNetworks.remove(key);
      return over.length === limit || days.length === limit;
    });
  }

  #refusal({ payerId }: Tip, day: string, networks: readonly AddressKey[], budget: TipBudget) {
    if (this.#lists.countOpen(payerId, budget.open) >= budget.open) return "too_many";
    if (networks.some((key) => this.#countOf(day, key) >= budget.ofNetwork)) return "used_up";
    const { entryCount } = this.#tips.getStats() as { entryCount: number };
    return entryCount >= budget.all ? "full" : undefined;
  }

  #countOf(day: string, key: AddressKey): number {
    return this.#ofNetworks.get([day, key]) ?? 0;
  }

  #write(tip: Tip): LedgerEntry {
    const booked = { ...tip, number: nextNumber(this.#last, "tip", tip.changedMs) };
    void this.#tips.put(tip.id, booked);
    if (tip.invoice !== undefined) void this.#hashes.put(tip.invoice.paymentHash, tip.id);
    this.#lists.add(booked);
    return booked;
  }

  #forget(tip: LedgerEntry): void {
    this.#lists.drop(tip);
    this.#count(tip, -1);
    if (tip.invoice !== undefined) void this.#hashes.remove(tip.invoice.paymentHash);
    void this.#tips.remove(tip.id);
  }

  /** Adds the receipt of a tip that keeps its state, and so its number. */
  #addReceipt(
    { number, receivedMs }: LedgerEntry,
    next: Tip,
  ): { state: "changed"; tip: LedgerEntry } | { state: "stale" } {
    if (receivedMs !== undefined || next.receivedMs === undefined) return { state: "stale" };
    const tip = { ...next, number };
    void this.#tips.put(tip.id, tip);
    this.#lists.add(tip);
    this.#log("tip_received", tip, next.receivedMs);
    return { state: "changed", tip };
  }

  #log(type: "tip_settled" | "tip_received", tip: Tip, atMs = tip.changedMs): void {
    const { id: tipId, matchId, payerId, payeeId, amountMsat, payerPerson, payeePerson } = tip;
    const people = { payerPerson: payerPerson ?? "", payeePerson: payeePerson ?? "" } as const;
    this.events.add({ type, tipId, matchId, payerId, payeeId, amountMsat, ...people }, atMs);
  }

  /** Adds a tip to its totals, or subtracts it. */
  #count(tip: Tip, sign: 1 | -1): void {
    for (const name of totalsOf(tip)) {
      const { count, amountMsat } = this.#totals.get(name) ?? { count: 0, amountMsat: 0 };
      const total = { count: count + sign, amountMsat: amountMsat + sign * tip.amountMsat };
      if (total.count === 0) void this.#totals.remove(name);
      else void this.#totals.put(name, total);
    }
  }

  #read(ids: Iterable<TipId>): Promise<LedgerEntry[]> {
    return Promise.resolve(this.#find(ids));
  }

  #find(ids: Iterable<TipId>): LedgerEntry[] {
    return [...ids].flatMap((id) => this.#tips.get(id) ?? []);
  }
}
