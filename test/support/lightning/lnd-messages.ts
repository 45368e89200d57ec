import { createHash } from "node:crypto";
import { Initiator } from "../../../gen/lnrpc/lightning_pb.js";
import type { NodeChannel } from "../../../src/ports/lightning-node.js";

/** What LND lists as open, from the channels of another node. */
export function openOf(channels: readonly NodeChannel[]) {
  return channels
    .filter(({ state }) => state === "open" || state === "inactive")
    .map((channel) => ({
      active: channel.state === "open",
      channelPoint: channel.channelId,
      chanId: String(createHash("sha256").update(channel.channelId).digest().readBigUInt64BE()),
      remotePubkey: channel.peerId,
      private: channel.isPrivate,
      initiator: channel.isInitiator,
      memo: channel.commandId ?? "",
      commitFee: 362n,
      ...amountsOf(channel),
      pendingHtlcs: Array.from({ length: channel.pendingHtlcs }, () => ({
        expirationHeight: channel.nextHtlcExpiryHeight ?? 0,
      })),
    }));
}

/** What LND lists as pending. Only a force-closed channel whose commitment is in a block counts blocks. */
export function pendingOf(channels: readonly NodeChannel[], height: number) {
  const inState = (state: NodeChannel["state"]) => channels.filter((channel) => channel.state === state);
  const forced = inState("force_closing");
  return {
    pendingOpenChannels: inState("pending_open").map((one) => ({ channel: asPending(one, "") })),
    waitingCloseChannels: [
      ...inState("closing").map((one) => ({ channel: asPending(one, "ChanStatusCoopBroadcasted") })),
      ...forced
        .filter(({ blocksLeft }) => blocksLeft === undefined)
        .map((one) => ({ channel: asPending(one, "ChanStatusCommitBroadcasted|ChanStatusLocalCloseInitiator") })),
    ],
    pendingForceClosingChannels: forced.flatMap((one) => {
      const { blocksLeft: blocksTilMaturity } = one;
      if (blocksTilMaturity === undefined) return [];
      return [{ channel: asPending(one, ""), blocksTilMaturity, maturityHeight: height + blocksTilMaturity }];
    }),
  };
}

export function closedOf(channels: readonly NodeChannel[]) {
  return channels
    .filter(({ state }) => state === "closed")
    .map((channel) => ({
      channelPoint: channel.channelId,
      remotePubkey: channel.peerId,
      capacity: BigInt(channel.capacitySat),
      openInitiator: channel.isInitiator ? Initiator.LOCAL : Initiator.REMOTE,
    }));
}

function asPending(channel: NodeChannel, chanStatusFlags: string) {
  return {
    channelPoint: channel.channelId,
    remoteNodePub: channel.peerId,
    private: channel.isPrivate,
    initiator: channel.isInitiator ? Initiator.LOCAL : Initiator.REMOTE,
    memo: channel.commandId ?? "",
    chanStatusFlags,
    ...amountsOf(channel),
  };
}

function amountsOf({ capacitySat, localMsat, remoteMsat }: NodeChannel) {
  const whole = (msat: number) => BigInt(Math.floor(msat / 1000));
  return { capacity: BigInt(capacitySat), localBalance: whole(localMsat), remoteBalance: whole(remoteMsat) };
}
