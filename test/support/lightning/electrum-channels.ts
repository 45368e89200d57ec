import type { NodeChannel, NodeChannelState } from "../../../src/ports/lightning-node.js";
import type { ElectrumChannel, StoredChannel } from "./electrum.js";

const STATES: Record<string, NodeChannelState> = {
  PREOPENING: "pending_open",
  OPENING: "pending_open",
  FUNDED: "pending_open",
  OPEN: "open",
  SHUTDOWN: "closing",
  CLOSING: "closing",
  FORCE_CLOSING: "force_closing",
  REQUESTED_FCLOSE: "force_closing",
  WE_ARE_TOXIC: "force_closing",
  REDEEMED: "closed",
};

/**
 * A channel as the port has it.
 * @param isForced whether it was closed by force; `CLOSED` only says that a closing transaction is in a block
 */
export function toNodeChannel(
  listed: ElectrumChannel,
  stored: StoredChannel | undefined,
  isForced: boolean,
): NodeChannel {
  const state = stateOf(listed, isForced);
  const isOver = state === "closed";
  const pending = listed.local_unsettled_sent + listed.remote_unsettled_sent;
  return {
    ...{ channelId: listed.channel_point, peerId: listed.remote_pubkey, state, isPrivate: true },
    ...{ isInitiator: stored?.constraints.is_initiator ?? false, capacitySat: stored?.constraints.capacity ?? 0 },
    localMsat: isOver ? 0 : listed.local_balance * 1000,
    remoteMsat: isOver ? 0 : listed.remote_balance * 1000,
    pendingHtlcs: pending > 0 ? 1 : 0, // Electrum lists their sum
  };
}

function stateOf({ state, peer_state: peer }: ElectrumChannel, isForced: boolean): NodeChannelState {
  if (state === "CLOSED") return isForced ? "force_closing" : "closed";
  if (state === "OPEN" && peer !== "GOOD") return "inactive";
  return STATES[state] ?? "inactive";
}
