import { createHash } from "node:crypto";
import * as ldk from "lightningdevkit";
import type { NodeChannel, NodeChannelState } from "../../../src/ports/lightning-node.js";
import { hex } from "./hex.js";
import type { SharedChain } from "./shared-chain.js";
import { outpoint } from "./transaction.js";

/** Blocks after which the kit trusts a transaction. */
const FINAL = 6;

interface Known {
  channel: NodeChannel;
  /** Blocks after the closing transaction until the node can spend its part. */
  delay: number;
  ending?: "together" | "by_force";
  isCollected: boolean;
}

/** The channels of a node of the kit, and those that it has forgotten. */
export class LdkChannels {
  /** The wallet on the chain, in satoshis. */
  confirmedSat = 0;
  readonly #known = new Map<string, Known>();
  readonly #commands = new Map<bigint, string>();
  /** Channels by the kit's ID. */
  readonly #outpoints = new Map<string, string>();

  /**
   * The 128 bits that the kit stores with the channel of a command. The bindings read their bytes in the other order
   * than they write them, so both are the same here, and accept 124 bits.
   */
  idOf(commandId: string): bigint {
    const half = createHash("sha256").update(commandId).digest().subarray(0, 8);
    half.writeUInt8(half.readUInt8() & 0x0f);
    const id = BigInt(`0x${hex(Buffer.concat([half, Buffer.from(half).reverse()]))}`);
    this.#commands.set(id, commandId);
    return id;
  }

  /** Takes over what the kit knows. */
  read(manager: ldk.ChannelManager): void {
    for (const details of manager.list_channels()) {
      const channelId = idOf(details);
      if (channelId === undefined) continue;
      const commandId = this.#commands.get(details.get_user_channel_id());
      const channel = { ...channelOf(details, channelId), commandId };
      this.#outpoints.set(hex(details.get_channel_id().get_a()), channelId);
      const delay = number(details.get_force_close_spend_delay());
      this.#known.set(channelId, { channel, delay, isCollected: false });
    }
  }

  details(manager: ldk.ChannelManager, channelId: string): ldk.ChannelDetails | undefined {
    return manager.list_channels().find((details) => idOf(details) === channelId);
  }

  closed({ channel_funding_txo: funding, reason }: ldk.Event_ChannelClosed): void {
    const known = isNone(funding) ? undefined : this.#known.get(outpoint(funding.get_txid(), funding.get_index()));
    if (known === undefined) return;
    const isTogether =
      reason instanceof ldk.ClosureReason_LocallyInitiatedCooperativeClosure ||
      reason instanceof ldk.ClosureReason_CounterpartyInitiatedCooperativeClosure ||
      reason instanceof ldk.ClosureReason_LegacyCooperativeClosure;
    known.ending = isTogether ? "together" : "by_force";
    if (!(reason instanceof ldk.ClosureReason_HolderForceClosed)) known.delay = FINAL;
  }

  /** Puts outputs of closed channels into the wallet. */
  collect({ outputs, channel_id: id }: ldk.Event_SpendableOutputs): void {
    for (const output of outputs) this.confirmedSat += Number(valueOf(output));
    const known = this.#known.get(this.#outpoints.get(hex(id.get_a())) ?? "");
    if (known !== undefined) known.isCollected = true;
  }

  list(manager: ldk.ChannelManager, chain: SharedChain): NodeChannel[] {
    this.read(manager);
    return [...this.#known.values()].map((known) =>
      known.ending === undefined ? known.channel : asEnded(known, chain),
    );
  }
}

function asEnded({ channel, delay, ending, isCollected }: Known, chain: SharedChain): NodeChannel {
  const spentAt = chain.spentAt(channel.channelId);
  const left = spentAt === undefined ? undefined : spentAt + Math.max(delay, FINAL) - 1 - chain.height;
  const ended = { ...channel, fees: undefined, pendingHtlcs: 0, nextHtlcExpiryHeight: undefined };
  const isPaid = isCollected || channel.localMsat < 1000;
  if (left !== undefined && left <= 0 && isPaid) {
    return { ...ended, state: "closed", localMsat: 0, remoteMsat: 0, commandId: undefined };
  }
  if (ending === "together") return { ...ended, state: "closing" };
  return { ...ended, state: "force_closing", blocksLeft: left === undefined ? undefined : Math.max(left, 0) };
}

function channelOf(details: ldk.ChannelDetails, channelId: string): NodeChannel {
  const peer = details.get_counterparty();
  const config = details.get_config();
  const htlcs = [...details.get_pending_inbound_htlcs(), ...details.get_pending_outbound_htlcs()];
  const heights = htlcs.map((htlc) => htlc.get_cltv_expiry());
  return {
    channelId,
    peerId: hex(peer.get_node_id()),
    state: stateOf(details),
    isPrivate: !truth(details.get_is_announced()),
    isInitiator: truth(details.get_is_outbound()),
    capacitySat: Number(details.get_channel_value_satoshis()),
    localMsat: whole(details.get_outbound_capacity_msat(), number(details.get_unspendable_punishment_reserve())),
    remoteMsat: whole(details.get_inbound_capacity_msat(), Number(peer.get_unspendable_punishment_reserve())),
    fees: {
      baseMsat: config.get_forwarding_fee_base_msat(),
      ratePpm: config.get_forwarding_fee_proportional_millionths(),
    },
    pendingHtlcs: htlcs.length,
    nextHtlcExpiryHeight: heights.length === 0 ? undefined : Math.min(...heights),
  };
}

function stateOf(details: ldk.ChannelDetails): NodeChannelState {
  const shutdown = details.get_channel_shutdown_state();
  const isOpen =
    !(shutdown instanceof ldk.Option_ChannelShutdownStateZ_Some) ||
    shutdown.some === ldk.ChannelShutdownState.LDKChannelShutdownState_NotShuttingDown;
  if (!isOpen) return "closing";
  if (!details.get_is_channel_ready()) return "pending_open";
  return details.get_is_usable() ? "open" : "inactive";
}

/** The whole balance of a side, with what it must keep in the channel. */
function whole(capacityMsat: bigint, reserveSat: number): number {
  return capacityMsat === 0n ? 0 : Number(capacityMsat) + reserveSat * 1000;
}

function idOf(details: ldk.ChannelDetails): string | undefined {
  const funding = details.get_funding_txo();
  return isNone(funding) ? undefined : outpoint(funding.get_txid(), funding.get_index());
}

/** The bindings give a number, and type it as a boolean. */
function truth(value: unknown): boolean {
  return value === true || value === 1;
}

/** The bindings type what may be missing as if it never were, and may give zeros in its place. */
function isNone(funding: ldk.OutPoint | null): funding is null {
  return funding === null || funding.get_txid().every((byte) => byte === 0);
}

function valueOf(output: ldk.SpendableOutputDescriptor): bigint {
  if (output instanceof ldk.SpendableOutputDescriptor_StaticOutput) return output.output.value;
  if (output instanceof ldk.SpendableOutputDescriptor_DelayedPaymentOutput)
    return output.delayed_payment_output.get_output().value;
  if (output instanceof ldk.SpendableOutputDescriptor_StaticPaymentOutput)
    return output.static_payment_output.get_output().value;
  throw new Error("an unknown kind of output");
}

function number(option: ldk.Option_u64Z | ldk.Option_u16Z): number {
  return option instanceof ldk.Option_u64Z_Some || option instanceof ldk.Option_u16Z_Some ? Number(option.some) : 0;
}
