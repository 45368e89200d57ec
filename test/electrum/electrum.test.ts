import { expect, it } from "vitest";
import { startElectrumPair } from "../support/lightning/electrum-pair.js";

it("starts", async () => {
  const t = Date.now();
  const { electrum, node, chain, close } = await startElectrumPair();
  console.log("open", Date.now() - t, await electrum.channels());
  const i = node.makeInvoice(21_000, "a tip");
  console.log(await electrum.pay(i), Date.now() - t);
  console.log(node.payments());
  const j = await electrum.makeInvoice(42, "another");
  console.log(await node.pay(j), Date.now() - t, await electrum.isPaid(j));
  console.log(chain.height);
  await close();
  console.log("closed", Date.now() - t);
});
