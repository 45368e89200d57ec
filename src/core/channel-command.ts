import { isDeepStrictEqual } from "node:util";
import type { Moderator } from "./case.js";
import { dayOf } from "./day.js";
import type { CommandId } from "./ids.js";

/** What the operator's node is asked to do. Amounts in satoshis, fee rates in satoshis per virtual byte (0: by the node). */
export type ChannelAct =
  | {
      kind: "open";
      peerId: string;
      peerAddress: string;
      capacitySat: number;
      pushSat: number;
      isPrivate: boolean;
      feeRateSatPerVbyte: number;
    }
  | { kind: "close"; channelId: string; isForced: boolean; reason: string; feeRateSatPerVbyte: number }
  | { kind: "set_fees"; channelId: string; baseMsat: number; ratePpm: number };

/** What a command needs of the day's budget and of the money on the chain. */
export interface ChannelCost {
  /** 1 for an open. */
  opens: number;
  /** The fee on the chain. In satoshis. */
  feeSat: number;
  /** What leaves the wallet on the chain, the fee included. In satoshis. */
  spendSat: number;
}

/**
 * `booked`: stored, the node has not been asked. `asked`: the node may have been asked. `unknown`: it did not answer, and
 * later showed no effect. Only the process that booked a command asks the node, once.
 */
export type CommandState = "booked" | "asked" | ConcludedState;
export type ConcludedState = "done" | "refused" | "unknown";

export interface CommandDraft {
  id: CommandId;
  act: ChannelAct;
  by: Moderator;
  cost: ChannelCost;
  bookedMs: number;
  /** The IDs of the channels that the node had with the peer of an open, which are therefore not its effect. */
  knownChannels: string[];
}

export interface ChannelCommand extends CommandDraft {
  state: CommandState;
  askedMs?: number;
  conclusion?: Conclusion;
}

export interface Conclusion {
  state: ConcludedState;
  atMs: number;
  /** The node's words, or the server's. Empty for `done`. */
  words: string;
  /** The channel that an `open` opened. */
  channelId?: string;
}

/** What was booked on a day (UTC), less what was not done. */
export interface DayBudget {
  opens: number;
  feesSat: number;
}

export const NO_COST: ChannelCost = { opens: 0, feeSat: 0, spendSat: 0 };

/** The day whose budget a command uses. */
export function budgetDay({ bookedMs }: Pick<CommandDraft, "bookedMs">): string {
  return dayOf(bookedMs);
}

/** Whether the outcome is stored. */
export function isConcluded({ state }: ChannelCommand): boolean {
  return state !== "booked" && state !== "asked";
}

/** Whether two requests with the same ID ask for the same. */
export function isSameAct(one: ChannelAct, other: ChannelAct): boolean {
  return isDeepStrictEqual(one, other);
}
