import { Gauge, type Registry } from "prom-client";
import type { ChannelAlert } from "../../core/channel-policy.js";
import type { NodeChannelState } from "../../ports/lightning-node.js";

/** What is known of the operator's Lightning node. */
export interface NodeMetrics {
  isAway: boolean;
  alerts: readonly ChannelAlert[];
  /** What it said last; undefined if it never answered. Amounts in satoshis. */
  seen:
    | {
        isSynced: boolean;
        confirmedSat: number;
        inboundSat: number;
        outboundSat: number;
        htlcBlocksLeft: number | undefined;
        states: readonly NodeChannelState[];
      }
    | undefined;
}

const STATES: readonly NodeChannelState[] = ["pending_open", "open", "inactive", "closing", "force_closing", "closed"];
const ALERTS: readonly ChannelAlert[] = [
  ...(["node_away", "not_synced", "inbound_low", "outbound_low", "reserve_low"] as const),
  ...(["htlc_expiring", "command_uncertain"] as const),
];

/** Adds the metrics of the operator's node. Without one they have no values. All instances report the same. */
export function addNodeGauges(registry: Registry, read: () => NodeMetrics | undefined): void {
  const all = ": aggregate with max, not sum";
  const add = (name: string, help: string, from: (node: NodeMetrics) => number | undefined) => {
    const gauge = new Gauge({
      ...{ name: `satoshigle_${name}`, help: `${help}${all}`, registers: [registry] },
      collect: () => {
        const node = read();
        const value = node && from(node);
        if (value === undefined) gauge.remove();
        else gauge.set(value);
      },
    });
  };
  const addLabelled = (name: string, help: string, label: string, from: (node: NodeMetrics) => [string, number][]) => {
    const gauge = new Gauge({
      ...{ name: `satoshigle_${name}`, help: `${help}${all}`, labelNames: [label], registers: [registry] },
      collect: () => {
        const node = read();
        gauge.reset();
        for (const [value, count] of node === undefined ? [] : from(node)) gauge.set({ [label]: value }, count);
      },
    });
  };
  add("node_up", "1 while the Lightning node answers", ({ isAway }) => (isAway ? 0 : 1));
  add("node_synced", "1 while the Lightning node knows the newest blocks", ({ seen }) => seen && Number(seen.isSynced));
  add("node_onchain_sat", "Confirmed balance on the chain, in satoshis", ({ seen }) => seen?.confirmedSat);
  add("node_inbound_sat", "What the usable channels can receive, in satoshis", ({ seen }) => seen?.inboundSat);
  add("node_outbound_sat", "What the usable channels can send, in satoshis", ({ seen }) => seen?.outboundSat);
  const blocks = "Blocks until the first pending payment expires; without a value if there is none";
  add("node_htlc_blocks_left", blocks, ({ seen }) => seen?.htlcBlocksLeft);
  addLabelled("node_channels", "Channels, by state", "state", ({ seen }) =>
    seen === undefined ? [] : STATES.map((state) => [state, seen.states.filter((one) => one === state).length]),
  );
  addLabelled("node_alerts", "1 for each alert that holds", "alert", ({ alerts }) =>
    ALERTS.map((alert) => [alert, Number(alerts.includes(alert))]),
  );
}
