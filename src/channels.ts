import type { FastifyBaseLogger } from "fastify";
import type { NodeMetrics } from "./adapters/metrics/node-gauges.js";
import { ChannelCommands } from "./app/channel-commands.js";
import {
  ChannelReconciliation,
  type ReconciliationSettings,
  reconciliationTimes,
} from "./app/channel-reconciliation.js";
import { Channels } from "./app/channels.js";
import { NodeWatch } from "./app/node-watch.js";
import { isStoreAway } from "./core/errors.js";
import type { LightningNode } from "./ports/lightning-node.js";
import type { Stores } from "./stores.js";

interface Parts {
  /** Undefined if none is configured. */
  node: LightningNode | undefined;
  stores: Pick<Stores, "channels" | "clock">;
  logger: FastifyBaseLogger;
  /** Tests have shorter ones. */
  times?: ReconciliationSettings;
}

/** Creates what manages the channels of the operator's node; undefined without one. */
export function createChannels({ node, stores, logger, times = reconciliationTimes }: Parts): Channels | undefined {
  if (node === undefined) return undefined;
  const { channels: store, clock } = stores;
  const onError = (err: unknown) => {
    logger.error({ err }, "failed to manage the channels of the Lightning node");
  };
  const onAway = (isAway: boolean) => {
    if (isAway) logger.warn("the Lightning node does not answer");
    else logger.info("the Lightning node answers again");
  };
  const watch = new NodeWatch({ node, clock, onAway, onError });
  const reconciliation = new ChannelReconciliation({ store, watch, clock, settings: times });
  const commands = new ChannelCommands({ node, store, watch, clock, onError });
  return new Channels({ commands, watch, reconciliation, store, clock, onError });
}

/** What the metrics say of the node; undefined without one, and while the store is unavailable. */
export async function nodeMetrics(channels: Channels | undefined): Promise<NodeMetrics | undefined> {
  try {
    const status = await channels?.status();
    if (status === undefined) return undefined;
    const { isAway, sight, alerts, inboundSat, outboundSat, htlcBlocksLeft } = status;
    const seen = sight && {
      ...{ inboundSat, outboundSat, htlcBlocksLeft, isSynced: sight.info.isSynced },
      confirmedSat: sight.balances.confirmedSat,
      states: sight.channels.map(({ state }) => state),
    };
    return { isAway, alerts, seen };
  } catch (error) {
    if (isStoreAway(error)) return undefined;
    throw error;
  }
}
