import { randomBytes, randomInt } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import * as ldk from "lightningdevkit";
import { NodeLDKNet } from "lightningdevkit-node-net";
import { outpoint } from "./transaction.js";

/** The parts of a Lightning node from the Lightning Development Kit. */
export interface Engine {
  manager: ldk.ChannelManager;
  monitor: ldk.ChainMonitor;
  net: NodeLDKNet;
  peers: ldk.PeerManager;
  /** Transactions that the node would broadcast. */
  broadcast: Uint8Array[];
  /** Called with every further transaction, from within the kit: it must not call the kit. */
  onBroadcast: (transactions: Uint8Array[]) => void;
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

/** What a node keeps when it stops. */
export class Disk {
  readonly seed = randomBytes(32);
  /** Undefined before the first stop. */
  manager?: Uint8Array;
  /** By funding output. */
  readonly monitors = new Map<string, Uint8Array>();
}

/** Assembles a node, on an empty chain or as it was when it stopped. */
export function buildEngine(network: ldk.Network, disk = new Disk()): Engine {
  const seconds = BigInt(Math.floor(Date.now() / 1000));
  const broadcast: Uint8Array[] = [];
  const fees = ldk.FeeEstimator.new_impl({ get_est_sat_per_1000_weight: () => 253 });
  const broadcaster = ldk.BroadcasterInterface.new_impl({
    broadcast_transactions: (txs) => {
      broadcast.push(...txs);
      engine.onBroadcast(txs);
    },
  });
  const logger = ldk.Logger.new_impl({ log: () => undefined });
  const persist = persistOn(disk);
  const monitor = ldk.ChainMonitor.constructor_new(
    ldk.Option_FilterZ.constructor_none(),
    broadcaster,
    logger,
    fees,
    persist,
  );
  const keys = ldk.KeysManager.constructor_new(disk.seed, seconds, randomInt(1_000_000_000));
  const graph = ldk.NetworkGraph.constructor_new(network, logger);
  const router = directRouter(graph, logger, keys);
  const messageRouter = ldk.DefaultMessageRouter.constructor_new(graph, keys.as_EntropySource());
  const start = ldk.ChainParameters.constructor_new(network, ldk.BestBlock.constructor_from_network(network));
  const [entropy, signer] = [keys.as_EntropySource(), keys.as_NodeSigner()];
  const parts = { fees, monitor, broadcaster, router, messageRouter, logger, entropy, signer, keys };
  const manager =
    disk.manager === undefined
      ? ldk.ChannelManager.constructor_new(
          ...([fees, monitor.as_Watch(), broadcaster, router.as_Router(), messageRouter.as_MessageRouter()] as const),
          ...([logger, entropy, signer, keys.as_SignerProvider(), generousConfig(), start, Number(seconds)] as const),
        )
      : restoreManager(parts, disk.monitors, disk.manager);
  const ignoring = ldk.IgnoringMessageHandler.constructor_new();
  // Electrum connects only to nodes that answer questions about the network.
  const gossip = ldk.P2PGossipSync.constructor_new(graph, ldk.Option_UtxoLookupZ.constructor_none(), logger);
  const peers = ldk.PeerManager.constructor_new(
    ...([manager.as_ChannelMessageHandler(), gossip.as_RoutingMessageHandler()] as const),
    ...([ignoring.as_OnionMessageHandler(), ignoring.as_CustomMessageHandler(), Number(seconds)] as const),
    ...([entropy.get_secure_random_bytes(), logger, signer] as const),
  );
  const kept: unknown[] = [fees, broadcaster, logger, persist, keys, graph, router, messageRouter, ignoring, gossip];
  kept.push(entropy, signer);
  const [net, onBroadcast] = [new NodeLDKNet(peers), () => undefined];
  const engine: Engine = { manager, monitor, peers, net, broadcast, onBroadcast, kept };
  return engine;
}

interface Parts {
  fees: ldk.FeeEstimator;
  monitor: ldk.ChainMonitor;
  broadcaster: ldk.BroadcasterInterface;
  router: ldk.DefaultRouter;
  messageRouter: ldk.DefaultMessageRouter;
  logger: ldk.Logger;
  entropy: ldk.EntropySource;
  signer: ldk.NodeSigner;
  keys: ldk.KeysManager;
}

function restoreManager(parts: Parts, stored: Disk["monitors"], bytes: Uint8Array): ldk.ChannelManager {
  const { fees, monitor, broadcaster, router, messageRouter, logger, entropy, signer, keys } = parts;
  const monitors = [...stored.values()].map((one) => {
    const read = ldk.UtilMethods.constructor_C2Tuple_ThirtyTwoBytesChannelMonitorZ_read(
      ...([one, entropy, keys.as_SignerProvider()] as const),
    );
    if (read instanceof ldk.Result_C2Tuple_ThirtyTwoBytesChannelMonitorZDecodeErrorZ_OK) return read.res.get_b();
    throw new Error("a channel cannot be read");
  });
  const watch = monitor.as_Watch();
  const read = ldk.UtilMethods.constructor_C2Tuple_ThirtyTwoBytesChannelManagerZ_read(
    ...([bytes, entropy, signer, keys.as_SignerProvider(), fees, watch, broadcaster, router.as_Router()] as const),
    ...([messageRouter.as_MessageRouter(), logger, generousConfig(), monitors] as const),
  );
  if (!(read instanceof ldk.Result_C2Tuple_ThirtyTwoBytesChannelManagerZDecodeErrorZ_OK))
    throw new Error("the node cannot be read");
  for (const one of monitors) watch.watch_channel(one.get_funding_txo().get_a(), one);
  return read.res.get_b();
}

function persistOn({ monitors }: Disk): ldk.Persist {
  const keep = (funding: ldk.OutPoint, monitor: ldk.ChannelMonitor) => {
    monitors.set(outpoint(funding.get_txid(), funding.get_index()), monitor.write());
    return ldk.ChannelMonitorUpdateStatus.LDKChannelMonitorUpdateStatus_Completed;
  };
  return ldk.Persist.new_impl({
    persist_new_channel: keep,
    update_persisted_channel: (funding, _update, monitor) => keep(funding, monitor),
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

/** Accepts what other configurations refuse, such as channels that are announced. */
export function generousConfig(): ldk.UserConfig {
  const config = ldk.UserConfig.constructor_default();
  const handshake = ldk.ChannelHandshakeConfig.constructor_default();
  handshake.set_max_inbound_htlc_value_in_flight_percent_of_channel(100);
  handshake.set_our_max_accepted_htlcs(483);
  config.set_channel_handshake_config(handshake);
  const limits = ldk.ChannelHandshakeLimits.constructor_default();
  limits.set_force_announced_channel_preference(false);
  config.set_channel_handshake_limits(limits);
  const channel = ldk.ChannelConfig.constructor_default();
  channel.set_max_dust_htlc_exposure(ldk.MaxDustHTLCExposure.constructor_fixed_limit_msat(MAX_DUST_MSAT));
  config.set_channel_config(channel);
  return config;
}
