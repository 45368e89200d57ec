import { expect, it } from "vitest";
import { ElectrumServer } from "../support/lightning/electrum-server.js";
import { ElectrumWallet } from "../support/lightning/electrum.js";
import { SimulatedChain } from "../support/lightning/simulated-chain.js";

it("starts", async () => {
  const chain = new SimulatedChain();
  chain.mine(3);
  const server = await ElectrumServer.start(chain);
  const t = Date.now();
  const wallet = await ElectrumWallet.start(server);
  console.log("started", Date.now() - t);
  await wallet.fund(10_000_000);
  console.log("funded", Date.now() - t, await wallet.nodeId(), await wallet.call("getinfo"));
  console.log(await wallet.makeInvoice(21, "a tip"));
  await wallet.close();
  console.log("closed", Date.now() - t);
  await server.close();
  expect(1).toBe(1);
});
