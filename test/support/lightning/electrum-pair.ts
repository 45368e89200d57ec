import { freePort } from "../ports.js";
import { soon } from "../soon.js";
import { loadEngine } from "./engine.js";
import { ElectrumServer } from "./electrum-server.js";
import { ElectrumWallet, inBtc } from "./electrum.js";
import { LightningNode } from "./node.js";
import { SimulatedChain } from "./simulated-chain.js";

/** Capacity of the channel, in satoshis; each side starts with half of it. */
const CAPACITY_SAT = 10_000_000;
/** Blocks after which both use a channel. */
const CONFIRMATIONS = 6;

/** Wallets of two makers with a channel between them, which Electrum opened. */
export interface ElectrumPair {
  chain: SimulatedChain;
  electrum: ElectrumWallet;
  /** A node of the Lightning Development Kit. */
  node: LightningNode;
  /** Ends the process, and releases all timers and sockets. */
  close(): Promise<void>;
}

export async function startElectrumPair(): Promise<ElectrumPair> {
  await loadEngine();
  const chain = new SimulatedChain();
  chain.mine();
  const server = await ElectrumServer.start(chain);
  const electrum = await ElectrumWallet.start(server);
  const node = new LightningNode();
  const close = async () => {
    node.close();
    await electrum.close();
    await server.close();
  };
  try {
    chain.attach(node);
    await electrum.fund(2 * CAPACITY_SAT);
    await openToNode({ chain, electrum, node }, CAPACITY_SAT, CAPACITY_SAT / 2);
  } catch (error) {
    await close();
    throw error;
  }
  return { chain, electrum, node, close };
}

/** Electrum opens a channel to the node. Returns the channel's funding output once both use it. */
export async function openToNode(
  { chain, electrum, node }: Omit<ElectrumPair, "close">,
  capacitySat: number,
  pushSat: number,
): Promise<string> {
  const port = await freePort();
  await node.engine.net.bind_listener("127.0.0.1", port);
  const point = await electrum.call<string>("open_channel", {
    ...{ connection_string: `${node.id}@127.0.0.1:${String(port)}` },
    ...{ amount: inBtc(capacitySat), push_amount: inBtc(pushSat) },
  });
  chain.mine(CONFIRMATIONS);
  await soon(async () => {
    const channels = await electrum.channels();
    const opened = channels.find(({ channel_point: one }) => one === point);
    if (opened?.state !== "OPEN" || opened.peer_state !== "GOOD") throw new Error(`Electrum: ${String(opened?.state)}`);
    if (node.engine.manager.list_usable_channels().length === 0) throw new Error("the node does not use the channel");
  });
  return point;
}
