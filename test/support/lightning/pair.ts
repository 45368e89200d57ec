import * as ldk from "lightningdevkit";
import { freePort } from "../ports.js";
import { Chain, fundingTransaction } from "./chain.js";
import { loadEngine } from "./engine.js";
import { LightningNode } from "./node.js";
import { until } from "./until.js";

/** Capacity of the channel between two nodes, in satoshis; each side starts with half of it. */
const CAPACITY_SAT = 16_000_000;
/** Blocks after which a channel is usable. */
const CONFIRMATIONS = 7;
/** Timeout for opening a channel, in milliseconds. */

/** Two wallets with a channel between them on a simulated chain. */
export interface LightningPair {
  ann: LightningNode;
  bob: LightningNode;
  /** Releases all timers and sockets. */
  close(): void;
}

export async function startPair(): Promise<LightningPair> {
  await loadEngine();
  const [ann, bob] = [new LightningNode(), new LightningNode()];
  const close = () => {
    ann.close();
    bob.close();
  };
  try {
    await connect(ann, bob);
    await openChannel(ann, bob);
  } catch (error) {
    close();
    throw error;
  }
  return { ann, bob, close };
}

async function connect(ann: LightningNode, bob: LightningNode): Promise<void> {
  const port = await freePort();
  await bob.engine.net.bind_listener("127.0.0.1", port);
  await ann.engine.net.connect_peer("127.0.0.1", port, bob.engine.manager.get_our_node_id());
  await until(() => [ann, bob].every(({ engine }) => engine.peers.list_peers().length > 0), "the handshake");
}

async function openChannel(ann: LightningNode, bob: LightningNode): Promise<void> {
  const funding = new Promise<ldk.Event_FundingGenerationReady>((resolve) => {
    ann.onChannelEvent = (event) => {
      if (event instanceof ldk.Event_FundingGenerationReady) resolve(event);
    };
  });
  const bobId = bob.engine.manager.get_our_node_id();
  const [capacity, bobsMsat] = [BigInt(CAPACITY_SAT), BigInt(CAPACITY_SAT) * 500n];
  const opened = ann.engine.manager.create_channel(bobId, capacity, bobsMsat, 1n, null, null);
  if (!opened.is_ok()) throw new Error("no channel could be opened");
  ann.workSoon();
  const { temporary_channel_id: id, output_script: script } = await funding;
  const transaction = fundingTransaction(capacity, script);
  if (!ann.engine.manager.funding_transaction_generated(id, bobId, transaction).is_ok())
    throw new Error("the channel was not funded");
  await until(() => ann.engine.broadcast.length > 0, "the funding transaction");
  const chain = new Chain();
  const engines = [ann.engine, bob.engine];
  chain.mine(engines, [transaction]);
  for (let block = 1; block < CONFIRMATIONS; block++) chain.mine(engines);
  for (const node of [ann, bob]) node.workSoon();
  await until(() => engines.every(({ manager }) => manager.list_usable_channels().length > 0), "the channel");
}
