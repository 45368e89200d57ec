import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import {
  ChannelAlert as WireAlert,
  ChannelCommand_State as WireCommandState,
  type ChannelCommandSchema,
  type ChannelPolicy as WirePolicy,
  type ChannelPolicySchema,
  type ChannelRecordSchema,
  ChannelState as WireState,
  type CloseChannelTerms,
  type GetNodeResponseSchema,
  type GetPolicyResponseSchema,
  type OpenChannelTerms,
  type SetChannelFeesTerms,
} from "../../../gen/satoshigle/internal/v1/channel_pb.js";
import type { NodeStatus, PolicyStatus } from "../../app/channels.js";
import type { NodeSight } from "../../app/node-watch.js";
import type { ChannelAct, ChannelCommand, CommandState } from "../../core/channel-command.js";
import type { ChannelAlert, ChannelPolicy } from "../../core/channel-policy.js";
import { DomainError } from "../../core/errors.js";
import type { CommandId } from "../../core/ids.js";
import type { NodeChannel, NodeChannelState } from "../../ports/lightning-node.js";
import { named } from "./parse-internal.js";

const states = {
  pending_open: WireState.PENDING_OPEN,
  open: WireState.OPEN,
  inactive: WireState.INACTIVE,
  closing: WireState.CLOSING,
  force_closing: WireState.FORCE_CLOSING,
  closed: WireState.CLOSED,
} as const satisfies Record<NodeChannelState, WireState>;

const commandStates = {
  booked: WireCommandState.BOOKED,
  asked: WireCommandState.ASKED,
  done: WireCommandState.DONE,
  refused: WireCommandState.REFUSED,
  unknown: WireCommandState.UNKNOWN,
} as const satisfies Record<CommandState, WireCommandState>;

const alerts = {
  node_away: WireAlert.NODE_AWAY,
  not_synced: WireAlert.NOT_SYNCED,
  inbound_low: WireAlert.INBOUND_LOW,
  outbound_low: WireAlert.OUTBOUND_LOW,
  reserve_low: WireAlert.RESERVE_LOW,
  htlc_expiring: WireAlert.HTLC_EXPIRING,
  command_uncertain: WireAlert.COMMAND_UNCERTAIN,
} as const satisfies Record<ChannelAlert, WireAlert>;

type Open = Extract<ChannelAct, { kind: "open" }>;

export function parseStates(wire: readonly WireState[]): NodeChannelState[] {
  return wire.flatMap((state) => named<NodeChannelState, WireState>(states, state) ?? []);
}

/** @throws DomainError `field_invalid` for an empty one, which is allowed in trials only */
export function parseCommandId(id: string): CommandId {
  if (id === "") refuseField("command_id", "is required: choose a random one");
  return id as CommandId;
}

export function parseOpen(terms: OpenChannelTerms | undefined): ChannelAct {
  if (terms === undefined) return refuseField("terms", "is required");
  const { peerId, peerAddress, isPrivate, feeRateSatPerVbyte } = terms;
  const [capacitySat, pushSat] = [Number(terms.capacitySat), Number(terms.pushSat)];
  if (pushSat >= capacitySat) refuseField("terms.push_sat", "must be less than `capacity_sat`");
  return { kind: "open", peerId, peerAddress, capacitySat, pushSat, isPrivate, feeRateSatPerVbyte };
}

export function parseClose(terms: CloseChannelTerms | undefined): ChannelAct {
  if (terms === undefined) return refuseField("terms", "is required");
  const { channelId, force: isForced, feeRateSatPerVbyte } = terms;
  const reason = terms.reason.trim();
  if (isForced && reason === "") refuseField("terms.reason", "is required to force a channel to close");
  if (isForced && feeRateSatPerVbyte > 0) {
    refuseField("terms.fee_rate_sat_per_vbyte", "cannot be chosen for a forced close");
  }
  return { kind: "close", channelId, isForced, reason, feeRateSatPerVbyte };
}

export function parseFees(terms: SetChannelFeesTerms | undefined): ChannelAct {
  if (terms?.fees === undefined) return refuseField("terms", "is required");
  const { channelId, fees } = terms;
  return { kind: "set_fees", channelId, baseMsat: Number(fees.baseMsat), ratePpm: Number(fees.ratePpm) };
}

export function parsePolicy(policy: WirePolicy | undefined): ChannelPolicy {
  if (policy === undefined) return refuseField("policy", "is required");
  return {
    leastInboundSat: Number(policy.leastInboundSat),
    leastOutboundSat: Number(policy.leastOutboundSat),
    reserveSat: Number(policy.reserveSat),
    opensPerDay: policy.opensPerDay,
    feesPerDaySat: Number(policy.feesPerDaySat),
    allowedPeers: [...policy.allowedPeers],
    leastHtlcBlocks: policy.leastHtlcBlocks,
  };
}

export function renderChannel(channel: NodeChannel, blockHeight: number): MessageInitShape<typeof ChannelRecordSchema> {
  const { channelId, peerId, isPrivate, isInitiator, pendingHtlcs, blocksLeft, fees, nextHtlcExpiryHeight } = channel;
  return {
    ...{ channelId, peerId, state: states[channel.state], isPrivate, isInitiator, pendingHtlcs },
    capacitySat: BigInt(channel.capacitySat),
    localMsat: BigInt(channel.localMsat),
    remoteMsat: BigInt(channel.remoteMsat),
    ...(fees && { fees: { baseMsat: BigInt(fees.baseMsat), ratePpm: BigInt(fees.ratePpm) } }),
    ...(nextHtlcExpiryHeight !== undefined && { htlcBlocksLeft: nextHtlcExpiryHeight - blockHeight }),
    ...(blocksLeft !== undefined && { blocksLeft }),
  };
}

export function renderNode(status: NodeStatus): MessageInitShape<typeof GetNodeResponseSchema> {
  const { isAway, sight, inboundSat, outboundSat } = status;
  return {
    isReachable: !isAway,
    ...(sight && renderSight(sight)),
    ...{ inboundSat: BigInt(inboundSat), outboundSat: BigInt(outboundSat) },
    alerts: status.alerts.map((alert) => alerts[alert]),
  };
}

function renderSight({ info, balances, atMs }: NodeSight) {
  const { nodeId, alias, version, network, blockHeight, isSynced } = info;
  return {
    ...{ nodeId, alias, version, network, blockHeight, isSynced, answerTime: timestampFromMs(atMs) },
    confirmedSat: BigInt(balances.confirmedSat),
    unconfirmedSat: BigInt(balances.unconfirmedSat),
  };
}

export function renderCommand(command: ChannelCommand): MessageInitShape<typeof ChannelCommandSchema> {
  const { id: commandId, by: operator, state, act, cost, bookedMs, conclusion } = command;
  const isUndone = state === "refused" || state === "unknown";
  return {
    ...{ commandId, operator, state: commandStates[state], act: renderAct(act) },
    feeSat: BigInt(isUndone ? 0 : cost.feeSat),
    ...{ channelId: conclusion?.channelId ?? "", words: conclusion?.words ?? "" },
    bookTime: timestampFromMs(bookedMs),
    ...(conclusion && { concludeTime: timestampFromMs(conclusion.atMs) }),
  };
}

export function renderPolicy(status: PolicyStatus): MessageInitShape<typeof GetPolicyResponseSchema> {
  const { policy, revision, by: operator, day, used } = status;
  return {
    policy: renderLimits(policy),
    ...{ revision: BigInt(revision), operator },
    today: { day, opens: used.opens, feesSat: BigInt(used.feesSat) },
  };
}

function renderLimits(policy: ChannelPolicy): MessageInitShape<typeof ChannelPolicySchema> {
  const { opensPerDay, allowedPeers, leastHtlcBlocks } = policy;
  return {
    leastInboundSat: BigInt(policy.leastInboundSat),
    leastOutboundSat: BigInt(policy.leastOutboundSat),
    reserveSat: BigInt(policy.reserveSat),
    feesPerDaySat: BigInt(policy.feesPerDaySat),
    ...{ opensPerDay, allowedPeers, leastHtlcBlocks },
  };
}

function renderAct(act: ChannelAct) {
  if (act.kind === "open") return { case: "open" as const, value: renderTerms(act) };
  if (act.kind === "close") return { case: "close" as const, value: { ...act, force: act.isForced } };
  const { channelId, baseMsat, ratePpm } = act;
  const fees = { baseMsat: BigInt(baseMsat), ratePpm: BigInt(ratePpm) };
  return { case: "setFees" as const, value: { channelId, fees } };
}

function renderTerms({ capacitySat, pushSat, ...terms }: Open) {
  return { ...terms, capacitySat: BigInt(capacitySat), pushSat: BigInt(pushSat) };
}

function refuseField(field: string, problem: string): never {
  throw new DomainError("field_invalid", `${field}: ${problem}`, { field });
}
