import { claim, type Release } from "../../../src/adapters/lmdb/claim.js";

/** Claims a folder after a number of event loop iterations, or releases it. */
export type Order = { claim: string; afterTurns: number } | "release";

let release: Release | undefined;

async function carryOut(order: Order): Promise<boolean> {
  if (order === "release") {
    await release?.();
    release = undefined;
    return false;
  }
  for (let turn = 0; turn < order.afterTurns; turn++) await new Promise(setImmediate);
  release = await claim(order.claim);
  return release !== undefined;
}

/** A process that claims folders on request, and answers whether it holds one. */
process.on("message", (order: Order) => {
  void carryOut(order).then((holds) => process.send?.(holds));
});
