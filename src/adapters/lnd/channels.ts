import {
  type Channel,
  type ChannelCloseSummary,
  type FeeReportResponse,
  type HTLC,
  Initiator,
  type PendingChannelsResponse,
  type PendingChannelsResponse_ForceClosedChannel as ForceClosed,
  type PendingChannelsResponse_PendingChannel as Pending,
} from "../../../gen/lnrpc/lightning_pb.js";
import type { ChannelFees, NodeChannel, NodeChannelState } from "../../ports/lightning-node.js";

/** The fees of open channels, by channel ID. */
export function feesOf({ channelFees }: FeeReportResponse): Map<string, ChannelFees> {
  return new Map(
    channelFees.map(({ channelPoint, baseFeeMsat, feePerMil }) => [
      channelPoint,
      { baseMsat: Number(baseFeeMsat), ratePpm: Number(feePerMil) },
    ]),
  );
}

export function openChannel(channel: Channel, fees: ChannelFees | undefined): NodeChannel {
  return {
    channelId: channel.channelPoint,
    peerId: channel.remotePubkey,
    state: channel.active ? "open" : "inactive",
    isPrivate: channel.private,
    isInitiator: channel.initiator,
    ...amountsOf(channel),
    fees,
    pendingHtlcs: channel.pendingHtlcs.length,
    nextHtlcExpiryHeight: lowestExpiry(channel.pendingHtlcs),
    commandId: commandIdIn(channel.memo),
  };
}

/** Channels that are being opened or closed. */
export function pendingChannels(pending: PendingChannelsResponse): NodeChannel[] {
  return [
    ...pending.pendingOpenChannels.map(({ channel }) => pendingChannel(channel, "pending_open")),
    ...pending.waitingCloseChannels.map(({ channel }) => pendingChannel(channel, stateOfWaiting(channel))),
    ...pending.pendingForceClosingChannels.map(forceClosed),
  ].filter((channel) => channel !== undefined);
}

export function closedChannel(channel: ChannelCloseSummary): NodeChannel {
  return {
    channelId: channel.channelPoint,
    peerId: channel.remotePubkey,
    state: "closed",
    isPrivate: false,
    isInitiator: isLocal(channel.openInitiator),
    capacitySat: Number(channel.capacity),
    localMsat: 0,
    remoteMsat: 0,
    pendingHtlcs: 0,
  };
}

function pendingChannel(channel: Pending | undefined, state: NodeChannelState): NodeChannel | undefined {
  return (
    channel && {
      channelId: channel.channelPoint,
      peerId: channel.remoteNodePub,
      state,
      isPrivate: channel.private,
      isInitiator: isLocal(channel.initiator),
      ...amountsOf(channel),
      pendingHtlcs: 0,
      commandId: commandIdIn(channel.memo),
    }
  );
}

/** The closing transaction is not in a block yet: whether it is a commitment is among the flags. */
function stateOfWaiting(channel: Pending | undefined): NodeChannelState {
  return /CommitBroadcasted|BorkedState|LocalDataLoss/.test(channel?.chanStatusFlags ?? "")
    ? "force_closing"
    : "closing";
}

function forceClosed({ channel, blocksTilMaturity, pendingHtlcs }: ForceClosed): NodeChannel | undefined {
  const found = pendingChannel(channel, "force_closing");
  if (found === undefined) return undefined;
  const blocks = [blocksTilMaturity, ...pendingHtlcs.map((htlc) => htlc.blocksTilMaturity)];
  const heights = pendingHtlcs.map(({ maturityHeight }) => maturityHeight);
  return {
    ...found,
    pendingHtlcs: pendingHtlcs.length,
    nextHtlcExpiryHeight: heights.length === 0 ? undefined : Math.min(...heights),
    blocksLeft: Math.max(0, ...blocks),
  };
}

function amountsOf(channel: { capacity: bigint; localBalance: bigint; remoteBalance: bigint }) {
  return {
    capacitySat: Number(channel.capacity),
    localMsat: Number(channel.localBalance) * 1000,
    remoteMsat: Number(channel.remoteBalance) * 1000,
  };
}

function lowestExpiry(htlcs: readonly HTLC[]): number | undefined {
  return htlcs.length === 0 ? undefined : Math.min(...htlcs.map(({ expirationHeight }) => expirationHeight));
}

function commandIdIn(memo: string): string | undefined {
  return memo === "" ? undefined : memo;
}

function isLocal(initiator: Initiator): boolean {
  return initiator === Initiator.LOCAL || initiator === Initiator.BOTH;
}
