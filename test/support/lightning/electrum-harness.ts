import type { NodeHarness } from "../../contract/lightning-node/harness.js";
import { freePort } from "../ports.js";
import { soon } from "../soon.js";
import { ElectrumOperatorNode } from "./electrum-operator-node.js";
import { ElectrumServer } from "./electrum-server.js";
import { ElectrumWallet } from "./electrum.js";
import { loadEngine } from "./engine.js";
import { LightningNode as Wallet } from "./node.js";
import { SimulatedChain } from "./simulated-chain.js";

const FUNDS_SAT = 100_000_000;

/** Electrum as the operator's node, and a peer of the Lightning Development Kit, on a chain that both believe. */
export async function electrumHarness(): Promise<NodeHarness> {
  await loadEngine();
  const chain = new SimulatedChain();
  chain.mine();
  const server = await ElectrumServer.start(chain);
  const electrum = await ElectrumWallet.start(server);
  const peer = new Wallet();
  chain.attach(peer);
  const port = await freePort();
  await peer.engine.net.bind_listener("127.0.0.1", port);
  await electrum.fund(FUNDS_SAT);
  return {
    node: new ElectrumOperatorNode(electrum),
    peer: { nodeId: peer.id, address: `127.0.0.1:${String(port)}`, pay: (invoice) => peer.pay(invoice) },
    abilities: {
      ...{ holdInvoices: false, setsFees: false, countsBlocksLeft: false },
      ...{ takesFeeRates: false, opensPublicChannels: false, closingFeeSat: 35_000 },
    },
    mine: async (blocks) => {
      chain.mine(blocks);
      await electrum.synced();
    },
    stop: () => electrum.stop(),
    start: async () => {
      await electrum.restart();
      await soon(async () => {
        const peers = await electrum.call<{ initialized: boolean }[]>("list_peers");
        if (!peers.some(({ initialized }) => initialized)) throw new Error("Electrum is not connected to its peer");
      });
    },
    close: async () => {
      peer.close();
      await electrum.close();
      await server.close();
    },
  };
}
