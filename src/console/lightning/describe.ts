import {
  ChannelAlert as Alert,
  type ChannelCommand,
  ChannelCommand_State as CommandState,
  type ChannelPolicy,
  type ChannelRecord,
  ChannelState as State,
} from "../../../gen/satoshigle/internal/v1/channel_pb.js";
import { formatSat } from "../parts/amount.js";
import { distance } from "../parts/moment.js";

export const STATES: Readonly<Record<State, string>> = {
  [State.UNSPECIFIED]: "Unknown",
  [State.PENDING_OPEN]: "Opening",
  [State.OPEN]: "Open",
  [State.INACTIVE]: "Peer away",
  [State.CLOSING]: "Closing",
  [State.FORCE_CLOSING]: "Force closing",
  [State.CLOSED]: "Closed",
};

/** Whether a command may still do something about a channel. */
export function isClosable({ state }: ChannelRecord): boolean {
  return state === State.PENDING_OPEN || state === State.OPEN || state === State.INACTIVE || state === State.CLOSING;
}

export function takesFees({ state }: ChannelRecord): boolean {
  return state === State.OPEN || state === State.INACTIVE;
}

export const COMMAND_STATES: Readonly<Record<CommandState, string>> = {
  [CommandState.UNSPECIFIED]: "Unknown",
  [CommandState.BOOKED]: "Booked",
  [CommandState.ASKED]: "No answer yet",
  [CommandState.DONE]: "Done",
  [CommandState.REFUSED]: "Refused",
  [CommandState.UNKNOWN]: "No effect seen",
};

/** A key or an ID of a channel, shortened: both ends tell it apart. */
export function shortened(id: string): string {
  return id.length <= 24 ? id : `${id.slice(0, 10)}…${id.slice(-8)}`;
}

/** What an alert means, and what to do. */
export function sentenceFor(alert: Alert, policy: ChannelPolicy | undefined): string {
  switch (alert) {
    case Alert.NODE_AWAY:
      return "The node does not answer. Start it: a node that is away cannot defend its channels.";
    case Alert.NOT_SYNCED:
      return "The node does not know the newest blocks. Check its connection to bitcoind.";
    case Alert.INBOUND_LOW:
      return `Inbound is low: the channels can receive less than the ${level(policy?.leastInboundSat)} of the policy.`;
    case Alert.OUTBOUND_LOW:
      return `Outbound is low: the channels can send less than the ${level(policy?.leastOutboundSat)} of the policy.`;
    case Alert.RESERVE_LOW:
      return `The reserve is low: less than the ${level(policy?.reserveSat)} of the policy is on the chain.`;
    case Alert.HTLC_EXPIRING:
      return "A pending payment expires soon, and its channel is force closed then. Settle or cancel it.";
    case Alert.COMMAND_UNCERTAIN:
      return "The outcome of a command is not known yet: see the commands.";
    default:
      return "Something else: update the console.";
  }
}

const level = (sat: bigint | undefined) => (sat === undefined ? "level" : formatSat(sat));

/** What a command is to do, in a few words. */
export function titleOf({ act }: ChannelCommand): string {
  switch (act.case) {
    case "open":
      return `Open ${formatSat(act.value.capacitySat)}`;
    case "close":
      return act.value.force ? "Force close" : "Close";
    case "setFees":
      return "Set fees";
    default:
      return "Unknown";
  }
}

/** What became of a command that was given just now. */
export function outcomeOf(command: ChannelCommand | undefined, done: string): string {
  if (command?.state === CommandState.DONE) return done;
  return "The node has not answered yet. The command is not sent again, and its outcome will be among the commands.";
}

/** About how long blocks take, such as `about 24 hours`. */
export function timeOfBlocks(blocks: number): string {
  return distance(blocks * 600).replace("in ", "about ");
}
