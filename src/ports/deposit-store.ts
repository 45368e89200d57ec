import type { Deposit, DepositHolder } from "../core/deposit.js";
import type { DepositId } from "../core/ids.js";

/** A stored deposit. `number` orders deposits by their latest change, the highest last; no two are equal. */
export type StoredDeposit = Deposit & { number: number };

/** Stores deposits durably, for all instances. Every verb is one atomic step. */
export interface DepositStore {
  /**
   * Adds a deposit unless its session has an open one, which is then returned, or `max` are stored. The deposit becomes
   * the latest of its session and its browser.
   */
  add(deposit: Deposit, max: number): Promise<AddedDeposit>;
  get(id: DepositId): Promise<StoredDeposit | undefined>;
  /** The latest deposit of a session or a browser. */
  latest(holder: DepositHolder): Promise<StoredDeposit | undefined>;
  /** Replaces a deposit by its next state, unless it changed since `number`. */
  change(next: Deposit, number: number): Promise<{ state: "changed"; deposit: StoredDeposit } | { state: "stale" }>;
  /** Returns open deposits that are due, the one that has been due for longest first. */
  due(nowMs: number, limit: number): Promise<StoredDeposit[]>;
  /** Returns open deposits of an instance, in no order. */
  openOf(instance: string, limit: number): Promise<StoredDeposit[]>;
  /** Returns the deposits with a lower number, the latest changed first. */
  before(number: number, limit: number): Promise<StoredDeposit[]>;
  /** Drops final deposits that were due before a time. Returns whether there may be more. */
  prune(beforeMs: number, limit: number): Promise<boolean>;
}

export type AddedDeposit = { state: "added" | "known"; deposit: StoredDeposit } | { state: "full" };
