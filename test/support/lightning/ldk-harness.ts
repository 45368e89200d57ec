import type { NodeHarness } from "../../contract/lightning-node/harness.js";
import { freePort } from "../ports.js";
import { loadEngine } from "./engine.js";
import { LdkOperatorNode } from "./ldk-operator-node.js";
import { LightningNode as Wallet } from "./node.js";
import { SharedChain } from "./shared-chain.js";
import { until } from "./until.js";

const FUNDS_SAT = 100_000_000;

export interface LdkHarness extends NodeHarness {
  node: LdkOperatorNode;
  /** The peer as a wallet. */
  wallet: Wallet;
}

/** An operator's node and a peer of the Lightning Development Kit, on a simulated chain. */
export async function ldkHarness(): Promise<LdkHarness> {
  await loadEngine();
  const chain = new SharedChain();
  const peer = new Wallet();
  chain.join(peer);
  const port = await freePort();
  await peer.engine.net.bind_listener("127.0.0.1", port);
  const node = await LdkOperatorNode.start(chain, FUNDS_SAT);
  const address = `127.0.0.1:${String(port)}`;
  return {
    node,
    wallet: peer,
    peer: { nodeId: peer.id, address, pay: (invoice) => pay(peer, invoice) },
    abilities: {
      ...{ holdInvoices: true, setsFees: true, countsBlocksLeft: true },
      ...{ takesFeeRates: true, opensPublicChannels: true, closingFeeSat: 5_000 },
    },
    mine: (blocks) => chain.mine(blocks),
    stop: () => {
      node.stop();
      return Promise.resolve();
    },
    start: async () => {
      node.start();
      await node.connect(peer.id, address);
    },
    close: async () => {
      await node.end();
      peer.close();
    },
  };
}

/** Pays once the peer has a channel that can be used. */
async function pay(peer: Wallet, invoice: string): Promise<string> {
  await until(() => peer.engine.manager.list_usable_channels().length > 0, "a channel of the peer");
  return peer.pay(invoice);
}
