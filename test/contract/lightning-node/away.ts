import { expect, it } from "vitest";
import { type LightningNode, NodeAway } from "../../../src/ports/lightning-node.js";
import type { NodeSteps } from "./harness.js";
import type { Steps } from "./index.js";

const channelId = `${"ab".repeat(32)}:0`;

/** Every method that asks the node, by name. */
const calls: [name: string, call: (node: LightningNode, steps: NodeSteps) => Promise<unknown>][] = [
  ["info", (node) => node.info()],
  ["balances", (node) => node.balances()],
  ["channels", (node) => node.channels()],
  ["estimateOpen", (node, steps) => node.estimateOpen(steps.terms())],
  ["open", (node, steps) => node.open(steps.terms())],
  ["estimateClose", (node) => node.estimateClose({ channelId, isForced: false, feeRateSatPerVbyte: 0 })],
  ["close", (node) => node.close({ channelId, isForced: false, feeRateSatPerVbyte: 0 })],
];

/** The methods that an adapter may refuse without asking. */
const optional: typeof calls = [
  ["setFees", (node) => node.setFees(channelId, { baseMsat: 0, ratePpm: 1 })],
  ["holdInvoice", (node) => node.holdInvoice("ab".repeat(32))],
  ["settle", (node) => node.settle("ab".repeat(32))],
  ["cancel", (node) => node.cancel("ab".repeat(32))],
];

export function awayContract(steps: Steps): void {
  it("says of every call that the node is away, and answers again when it is back", async () => {
    const { harness } = steps();
    const { node, abilities } = harness;
    const { channelId: kept } = await steps().openChannel();
    const { nodeId } = await node.info();
    await harness.stop();
    const asking = abilities.setsFees && abilities.holdInvoices ? [...calls, ...optional] : calls;
    for (const [name, call] of asking) await expect(call(node, steps()), name).rejects.toThrow(NodeAway);
    await harness.start();
    expect(await node.info()).toMatchObject({ nodeId });
    await steps().reaches(kept, "open");
  });
}
