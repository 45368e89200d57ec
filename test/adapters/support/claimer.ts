import { claim, type Release } from "../../../src/adapters/lmdb/claim.js";

/** Asks to claim a folder, after so many turns of the event loop, or to give it back. */
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

/** A process that claims folders as it is told to, and answers whether it holds one. */
process.on("message", (order: Order) => {
  void carryOut(order).then((holds) => process.send?.(holds));
});
