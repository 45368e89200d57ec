import { exceededRules, type Usage } from "./channel-budget.js";
import type { ChannelAct, ChannelCost } from "./channel-command.js";

/** The limits of what the node may do by commands, and the levels below which there is an alert. Amounts in satoshis. */
export interface ChannelPolicy {
  leastInboundSat: number;
  leastOutboundSat: number;
  reserveSat: number;
  opensPerDay: number;
  feesPerDaySat: number;
  /** Public keys; empty for any. */
  allowedPeers: string[];
  leastHtlcBlocks: number;
}

/** Until an operator sets one: nothing that costs money is allowed. */
export const CLOSED_POLICY: ChannelPolicy = {
  leastInboundSat: 0,
  leastOutboundSat: 0,
  reserveSat: 0,
  opensPerDay: 0,
  feesPerDaySat: 0,
  allowedPeers: [],
  leastHtlcBlocks: 24,
};

/** What a policy is compared with: the node as it was seen last. */
export interface NodeView {
  confirmedSat: number;
  blockHeight: number;
  isSynced: boolean;
  channels: readonly ChannelView[];
}

interface ChannelView {
  channelId: string;
  state: string;
  localMsat: number;
  remoteMsat: number;
  nextHtlcExpiryHeight?: number | undefined;
}

export type PolicyRule =
  | "allowed_peers"
  | "opens_per_day"
  | "fees_per_day_sat"
  | "reserve_sat"
  | "least_inbound_sat"
  | "least_outbound_sat"
  | "not_synced";

/** What a policy has against a command. */
export interface Objection {
  /** The field of the request. */
  field: string;
  rule: PolicyRule;
  message: string;
}

const BUDGET_FIELDS = {
  opens_per_day: "terms",
  fees_per_day_sat: "terms.fee_rate_sat_per_vbyte",
  reserve_sat: "terms.capacity_sat",
} as const;

export type ChannelAlert =
  "node_away" | "not_synced" | "inbound_low" | "outbound_low" | "reserve_low" | "htlc_expiring" | "command_uncertain";

/** The objections to a command that do not depend on what other commands use. */
export function objectionsTo(act: ChannelAct, policy: ChannelPolicy, node: NodeView): Objection[] {
  if (act.kind === "open") return [...objectionsToPeer(act.peerId, policy), ...objectionsToSync(node)];
  return act.kind === "close" && !act.isForced ? objectionsToLevels(act.channelId, policy, node) : [];
}

/** The objections that a store repeats in the step that books the command. */
export function budgetObjections(
  cost: ChannelCost,
  policy: ChannelPolicy,
  usage: Usage & { confirmedSat: number },
): Objection[] {
  const { used, confirmedSat, inFlightSat } = usage;
  const words = {
    opens_per_day: () => `${String(used.opens)} of ${String(policy.opensPerDay)} channels are opened today`,
    fees_per_day_sat: () =>
      `a fee of ${sat(cost.feeSat)} on top of ${sat(used.feesSat)} today is more than the ${sat(policy.feesPerDaySat)} of a day`,
    reserve_sat: () => {
      const leftSat = confirmedSat - inFlightSat - cost.spendSat;
      return `${sat(leftSat)} would be left on the chain, less than the reserve of ${sat(policy.reserveSat)}`;
    },
  };
  return exceededRules(cost, { ...policy, confirmedSat }, usage).map((rule) => ({
    field: BUDGET_FIELDS[rule],
    rule,
    message: words[rule](),
  }));
}

/** What an operator should look at. @param node undefined if it never answered */
export function alertsOf(
  policy: ChannelPolicy,
  node: NodeView | undefined,
  { isAway, uncertain }: { isAway: boolean; uncertain: number },
): ChannelAlert[] {
  const alerts: ChannelAlert[] = isAway ? ["node_away"] : [];
  if (node !== undefined && !isAway) {
    const { inboundSat, outboundSat } = levelsOf(node.channels);
    if (!node.isSynced) alerts.push("not_synced");
    if (inboundSat < policy.leastInboundSat) alerts.push("inbound_low");
    if (outboundSat < policy.leastOutboundSat) alerts.push("outbound_low");
    if (node.confirmedSat < policy.reserveSat) alerts.push("reserve_low");
  }
  const blocks = node && htlcBlocksLeft(node);
  if (blocks !== undefined && blocks <= policy.leastHtlcBlocks) alerts.push("htlc_expiring");
  if (uncertain > 0) alerts.push("command_uncertain");
  return alerts;
}

/** What the usable channels can receive and send. */
export function levelsOf(channels: readonly ChannelView[]): { inboundSat: number; outboundSat: number } {
  const usable = channels.filter(({ state }) => state === "open");
  const sum = (amountOf: (channel: ChannelView) => number) =>
    Math.floor(usable.reduce((total, channel) => total + amountOf(channel), 0) / 1000);
  return { inboundSat: sum(({ remoteMsat }) => remoteMsat), outboundSat: sum(({ localMsat }) => localMsat) };
}

/** The blocks until the first pending payment of any channel expires; undefined without one. */
export function htlcBlocksLeft({ channels, blockHeight }: NodeView): number | undefined {
  const heights = channels.flatMap(({ nextHtlcExpiryHeight }) => nextHtlcExpiryHeight ?? []);
  return heights.length === 0 ? undefined : Math.min(...heights) - blockHeight;
}

function objectionsToPeer(peerId: string, { allowedPeers }: ChannelPolicy): Objection[] {
  if (allowedPeers.length === 0 || allowedPeers.includes(peerId)) return [];
  const message = "the peer is not among those to which channels may be opened";
  return [{ field: "terms.peer_id", rule: "allowed_peers", message }];
}

function objectionsToSync({ isSynced }: NodeView): Objection[] {
  if (isSynced) return [];
  return [{ field: "terms", rule: "not_synced", message: "the node does not know the newest blocks" }];
}

/** A close that brings a level below what is wanted. A level that the channel does not change is no objection. */
function objectionsToLevels(channelId: string, policy: ChannelPolicy, { channels }: NodeView): Objection[] {
  const before = levelsOf(channels);
  const after = levelsOf(channels.filter((channel) => channel.channelId !== channelId));
  const found: Objection[] = [];
  const compare = (rule: PolicyRule, verb: string, beforeSat: number, afterSat: number, leastSat: number) => {
    if (afterSat >= leastSat || afterSat === beforeSat) return;
    const message = `the other channels can ${verb} ${sat(afterSat)}, less than ${sat(leastSat)}`;
    found.push({ field: "terms.channel_id", rule, message });
  };
  compare("least_inbound_sat", "receive", before.inboundSat, after.inboundSat, policy.leastInboundSat);
  compare("least_outbound_sat", "send", before.outboundSat, after.outboundSat, policy.leastOutboundSat);
  return found;
}

function sat(amount: number): string {
  return `${amount.toLocaleString("en")} sat`;
}
