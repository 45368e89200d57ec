import type { AddressKey, MatchId, SessionId, TipId } from "../core/ids.js";
import type { Tip, TipBudget, TotalName } from "../core/tip.js";

// Every verb is one atomic step and safe to repeat; its changes are durable when it resolves: they survive a kill of the
// process, and with an append-only file also one of Redis. `core` decides how a tip changes; a store only guards and
// moves. Every change gives a tip a new number above all others (`nextRevision`), so a reader that continues after a
// number misses no tip's latest state.

export interface TipLedger {
  /**
   * Adds a new tip, unless a budget is exhausted: that of its payer (`too_many`), of one of its networks on the day it
   * was created (`used_up`) or of the ledger (`full`). Networks are kept for that day only.
   * @returns the stored tip; an existing one with the same id is left unchanged
   */
  add(tip: Tip, networks: readonly AddressKey[], budget: TipBudget): Promise<Entered>;

  get(id: TipId): Promise<LedgerEntry | undefined>;

  /**
   * Replaces a tip by its next state if it still has the number that the decision was based on. A payment hash belongs to
   * one tip only, for as long as it is kept. In the same step a tip moves from the totals of its former state to those of
   * its next (`totalsOf`).
   *
   * A receipt of a tip that keeps its state is added to it in place: it keeps its number, so readers do not see it again,
   * and is to be notified again. Anything else that keeps the state is `stale`.
   */
  change(next: Tip, number: number): Promise<{ state: "changed"; tip: LedgerEntry } | { state: "stale" | "hash_used" }>;

  /** Returns tips with a lower number, the latest change first, at most `limit`; of a match, of a session or all. */
  before(number: number, limit: number, of?: TipsOf): Promise<LedgerEntry[]>;
  /** Returns tips with a higher number, the earliest change first, at most `limit`. */
  after(number: number, limit: number): Promise<LedgerEntry[]>;

  /** Returns the open tips of a payer, at most `limit`. */
  openOf(payerId: SessionId, limit: number): Promise<LedgerEntry[]>;

  /** Returns the sum of the tips that count towards a total. */
  total(name: TotalName): Promise<Total>;
}

/** Changes that have not been delivered to both sides. */
export interface TipOutbox {
  /** Returns tips that changed before `beforeMs` and are not marked as notified, at most `limit`. */
  pendingNotifications(beforeMs: number, limit: number): Promise<LedgerEntry[]>;
  /** Marks that both sides were notified of a change; without effect if the tip has changed since. */
  markNotified(id: TipId, number: number): Promise<void>;
}

export interface TipMaintenance {
  /** Returns open tips whose `deadlineMs` has passed, at most `limit`. */
  due(nowMs: number, limit: number): Promise<LedgerEntry[]>;

  /**
   * Drops final tips past their `tipKeptUntilMs` with their payment hashes, at most `limit`, and subtracts them from their
   * totals.
   * @returns whether there may be more
   */
  prune(nowMs: number, limit: number): Promise<boolean>;
}

export type TipStore = TipLedger & TipOutbox & TipMaintenance;

export type Entered = { state: "added" | "known"; tip: LedgerEntry } | { state: "too_many" | "used_up" | "full" };

/** A tip in the ledger. */
export interface LedgerEntry extends Tip {
  /** The number of its latest change. */
  number: number;
}

export type TipsOf = { matchId: MatchId } | { sessionId: SessionId };

export interface Total {
  count: number;
  amountMsat: number;
}
