import type { AddressKey, MatchId, SessionId, TipId } from "../core/ids.js";
import type { Tip, TipBudget, TotalName } from "../core/tip.js";

/**
 * The books of tips. Every verb is one atomic step and safe to repeat; what it changed is durable when it resolves: it
 * survives the process, and in Redis with its append-only file also Redis, being killed right after. What may become
 * of a tip is decided in `core`; the books hold only guard and move.
 *
 * Every change of a tip gives it a new number, above all before (`numberAfter`), so that whoever reads on after a number
 * misses no tip's latest state.
 */
export interface TipLedger {
  /**
   * Enters a tip that is new, unless the budget of its payer (`too_many`), of one of its networks on the day that it was
   * created (`used_up`) or of the books (`full`) leaves no room. Which networks there were is kept for that day alone.
   * @returns the tip as it is in the books: an older one of that id, if there is one, which stays as it is
   */
  add(tip: Tip, networks: readonly AddressKey[], budget: TipBudget): Promise<Entered>;

  get(id: TipId): Promise<LedgerEntry | undefined>;

  /**
   * Replaces a tip by its next state, if it still has the number that the decision was made on. An invoice's payment hash
   * may belong to one tip only, for as long as that is kept, whoever asks at the same time. With a tip that settles, all
   * of its totals (`totalsOf`) grow in the same step.
   */
  change(next: Tip, number: number): Promise<{ state: "changed"; tip: LedgerEntry } | { state: "stale" | "hash_used" }>;

  /** Tips that changed at a lower number, the latest first, at most `limit`; of a match or a session, or all. */
  before(number: number, limit: number, of?: TipsOf): Promise<LedgerEntry[]>;
  /** Tips that changed at a higher number, the earliest first, at most `limit`. */
  after(number: number, limit: number): Promise<LedgerEntry[]>;

  /** The open tips of a payer, at most `limit`. */
  openOf(payerId: SessionId, limit: number): Promise<LedgerEntry[]>;

  /** Open tips whose `deadlineMs` has come, at most `limit`. */
  due(nowMs: number, limit: number): Promise<LedgerEntry[]>;

  /** Tips that changed before `beforeMs` and whose change was not marked as told, at most `limit`. */
  pendingNotifications(beforeMs: number, limit: number): Promise<LedgerEntry[]>;
  /** Marks that both sides were told of a change; without effect when the tip has changed again. */
  markNotified(id: TipId, number: number): Promise<void>;

  /** What settled tips add up to. */
  total(name: TotalName): Promise<Total>;

  /**
   * Forgets final tips that are kept no longer (`tipKeptUntilMs`), with their payment hashes, at most `limit`, and takes
   * the settled ones out of their totals.
   * @returns whether there may be more
   */
  prune(nowMs: number, limit: number): Promise<boolean>;
}

export type Entered = { state: "added" | "known"; tip: LedgerEntry } | { state: "too_many" | "used_up" | "full" };

/** A tip in the books. */
export interface LedgerEntry extends Tip {
  /** The number of its latest change. */
  number: number;
}

export type TipsOf = { matchId: MatchId } | { sessionId: SessionId };

export interface Total {
  count: number;
  amountMsat: number;
}
