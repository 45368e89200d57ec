import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import * as ldk from "lightningdevkit";
import { NodeLDKNet } from "lightningdevkit-node-net";

/** The parts of a Lightning node from the Lightning Development Kit. */
export interface Engine {
  manager: ldk.ChannelManager;
  monitor: ldk.ChainMonitor;
  net: NodeLDKNet;
  peers: ldk.PeerManager;
  /** Transactions that the node would broadcast. */
  broadcast: Uint8Array[];
  /** Objects that the kit references only weakly, so they must live as long as the node. */
  kept: unknown[];
}

/** Tips are small, so no payment may be refused for its share of a channel or as dust. */
const MAX_DUST_MSAT = 10_000_000_000n;

let loading: Promise<void> | undefined;

/** Loads the kit once per process: 12 MB of WebAssembly. */
export function loadEngine(): Promise<void> {
  loading ??= (async () => {
    const file = createRequire(import.meta.url).resolve("lightningdevkit/liblightningjs.wasm");
    await ldk.initializeWasmFromBinary(await readFile(file));
  })();
  return loading;
}

/** Assembles a node, on an empty chain. */
export function buildEngine(network: ldk.Network): Engine {
  const seconds = BigInt(Math.floor(Date.now() / 1000));
  const broadcast: Uint8Array[] = [];
  const fees = ldk.FeeEstimator.new_impl({ get_est_sat_per_1000_weight: () => 253 });
  const broadcaster = ldk.BroadcasterInterface.new_impl({
    broadcast_transactions: (txs) => void broadcast.push(...txs),
  });
  const logger = ldk.Logger.new_impl({ log: () => undefined });
  const persist = forgetfulPersist();
  const monitor = ldk.ChainMonitor.constructor_new(
    ldk.Option_FilterZ.constructor_none(),
    broadcaster,
    logger,
    fees,
    persist,
  );
  const keys = ldk.KeysManager.constructor_new(randomBytes(32), seconds, 0);
  const graph = ldk.NetworkGraph.constructor_new(network, logger);
  const router = directRouter(graph, logger, keys);
  const messageRouter = ldk.DefaultMessageRouter.constructor_new(graph, keys.as_EntropySource());
  const start = ldk.ChainParameters.constructor_new(network, ldk.BestBlock.constructor_from_network(network));
  const [entropy, signer] = [keys.as_EntropySource(), keys.as_NodeSigner()];
  const manager = ldk.ChannelManager.constructor_new(
    ...([fees, monitor.as_Watch(), broadcaster, router.as_Router(), messageRouter.as_MessageRouter(), logger] as const),
    ...([entropy, signer, keys.as_SignerProvider(), generousConfig(), start, Number(seconds)] as const),
  );
  const ignoring = ldk.IgnoringMessageHandler.constructor_new();
  const peers = ldk.PeerManager.constructor_new(
    ...([manager.as_ChannelMessageHandler(), ignoring.as_RoutingMessageHandler()] as const),
    ...([ignoring.as_OnionMessageHandler(), ignoring.as_CustomMessageHandler(), Number(seconds)] as const),
    ...([entropy.get_secure_random_bytes(), logger, signer] as const),
  );
  const kept = [fees, broadcaster, logger, persist, keys, graph, router, messageRouter, ignoring, entropy, signer];
  return { manager, monitor, peers, net: new NodeLDKNet(peers), broadcast, kept };
}

/** Channels of these nodes exist as long as the process. */
function forgetfulPersist(): ldk.Persist {
  const done = ldk.ChannelMonitorUpdateStatus.LDKChannelMonitorUpdateStatus_Completed;
  return ldk.Persist.new_impl({
    persist_new_channel: () => done,
    update_persisted_channel: () => done,
    archive_persisted_channel: () => undefined,
  });
}

function directRouter(graph: ldk.NetworkGraph, logger: ldk.Logger, keys: ldk.KeysManager): ldk.DefaultRouter {
  const decay = ldk.ProbabilisticScoringDecayParameters.constructor_default();
  const scorer = ldk.ProbabilisticScorer.constructor_new(decay, graph, logger);
  const score = ldk.MultiThreadedLockableScore.constructor_new(scorer.as_Score());
  const fees = ldk.ProbabilisticScoringFeeParameters.constructor_default();
  return ldk.DefaultRouter.constructor_new(graph, logger, keys.as_EntropySource(), score.as_LockableScore(), fees);
}

function generousConfig(): ldk.UserConfig {
  const config = ldk.UserConfig.constructor_default();
  const handshake = ldk.ChannelHandshakeConfig.constructor_default();
  handshake.set_max_inbound_htlc_value_in_flight_percent_of_channel(100);
  handshake.set_our_max_accepted_htlcs(483);
  config.set_channel_handshake_config(handshake);
  const channel = ldk.ChannelConfig.constructor_default();
  channel.set_max_dust_htlc_exposure(ldk.MaxDustHTLCExposure.constructor_fixed_limit_msat(MAX_DUST_MSAT));
  config.set_channel_config(channel);
  return config;
}
