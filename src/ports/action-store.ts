import type { Acknowledgement, Action, Lift } from "../core/action.js";
import type { ActionId, AddressKey } from "../core/ids.js";

// The actions of moderators outlive sessions and the process. Every verb is one atomic step and safe to repeat; its changes,
// and their events in the log and entries in the audit log, are durable when it resolves. Each change gives the action a new number, in the order of the
// changes (`nextRevision`), so a reader that continues after a number misses none.

export interface ActionRecords {
  /**
   * Stores an action, unless it is stored.
   * @returns the action with this ID that is stored, perhaps since an earlier call; undefined if there are `maxActions`,
   *   by default `limits.keptActions`
   */
  put(action: Action, maxActions?: number): Promise<Action | undefined>;
  /**
   * Lifts an action that is in force.
   * @returns the action, and whether it was in force; undefined if there is none
   */
  lift(id: ActionId, lift: Lift): Promise<{ action: Action; wasInForce: boolean } | undefined>;
  /**
   * Notes that a warning in force was acknowledged by those whom it is about. Has no effect on other actions, on those
   * about others, and if it was acknowledged before.
   * @returns whether it had an effect
   */
  acknowledge(id: ActionId, acknowledgement: Acknowledgement): Promise<boolean>;
  /**
   * Returns actions, in force or not, with a lower number, those that changed last first, at most `limit`. With a key, only
   * those about it, and reads no others.
   */
  before(number: number, limit: number, addressKey?: AddressKey): Promise<NumberedAction[]>;
  /** The same with a higher number, those that changed first first. */
  after(number: number, limit: number): Promise<NumberedAction[]>;
  /** Returns the stored ones of these actions, in their order. */
  withIds(ids: readonly ActionId[]): Promise<Action[]>;
}

export interface ActionMaintenance {
  /** Drops actions past their `storedUntilMs`, at most `limit`. @returns whether there may be more */
  prune(due: { nowMs: number; limit: number }): Promise<boolean>;
}

export type ActionStore = ActionRecords & ActionMaintenance;

export interface NumberedAction extends Action {
  number: number;
}
