import type { ChannelCommand, CommandDraft, Conclusion, DayBudget } from "../core/channel-command.js";
import type { ChannelPolicy } from "../core/channel-policy.js";
import type { Moderator } from "../core/case.js";
import type { CommandId } from "../core/ids.js";

/**
 * The policy for the operator's node, the commands to it, and the day's budget. All instances share them. Every verb is one
 * atomic step, and its changes are durable when it resolves. Bookings and changes of the policy enter the audit log in the same step.
 */
export interface ChannelStore {
  /** Undefined until one is set. */
  policy(): Promise<StoredPolicy | undefined>;
  /**
   * Replaces the policy if it has the given revision (0: none is set), or any without one.
   * @returns the new revision; undefined if it has another one
   */
  setPolicy(change: PolicyChange): Promise<number | undefined>;
  /**
   * Stores a command as `booked`, and takes its cost from the budget of its day, if the budget and the money on the chain
   * suffice. A command is stored once: `known` has the one with this ID. Of any number of callers, one gets `booked`,
   * and it alone asks the node. Drops the oldest concluded command beyond `limits.keptCommands`.
   */
  book(draft: CommandDraft, limits: BookingLimits): Promise<Booking>;
  /** Makes a booked command `asked`. @returns false, without effect, in any other state: the node must then not be asked */
  ask(id: CommandId, nowMs: number): Promise<boolean>;
  /**
   * Stores the outcome of a command, unless it has one: the first stands. What was not done is returned to the budget of its
   * day. A channel is the effect of one command only.
   * @returns the command as stored; `taken` if the channel is the effect of another; undefined if there is no such command
   */
  conclude(id: CommandId, conclusion: Conclusion): Promise<ChannelCommand | "taken" | undefined>;
  /** Returns the commands without an outcome, the oldest first, and what is booked for a day. */
  due(day: string): Promise<Due>;
  get(id: CommandId): Promise<ChannelCommand | undefined>;
  /** Returns commands with a lower number, the newest first, at most `limit`. */
  before(number: number, limit: number): Promise<NumberedCommand[]>;
}

export interface StoredPolicy {
  policy: ChannelPolicy;
  /** Rises with each change. */
  revision: number;
  by: Moderator;
  atMs: number;
}

export interface PolicyChange {
  policy: ChannelPolicy;
  by: Moderator;
  atMs: number;
  revision?: number | undefined;
}

/** What a booking is checked against. Amounts in satoshis. */
export interface BookingLimits {
  /** The revision of the policy that the caller decided by; 0 if none is set. */
  revision: number;
  opensPerDay: number;
  feesPerDaySat: number;
  reserveSat: number;
  /** The balance on the chain, and `Due.spentSat` as it was before the balance was read. */
  confirmedSat: number;
  spentSat: number;
}

/**
 * `policy_changed`: the policy has another revision. `over`: the first rule that does not hold, with what it was compared
 * with: the budget used, and what leaves the chain besides the balance read.
 */
export type Booking =
  | { state: "booked" | "known"; command: ChannelCommand }
  | { state: "policy_changed" }
  | { state: "over"; used: DayBudget; inFlightSat: number };

export interface Due {
  commands: ChannelCommand[];
  used: DayBudget;
  /** The sum of what concluded commands took from the chain, ever. It only rises. */
  spentSat: number;
}

export interface NumberedCommand extends ChannelCommand {
  number: number;
}
