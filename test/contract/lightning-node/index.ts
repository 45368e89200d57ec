import { afterAll, beforeAll, describe } from "vitest";
import { awayContract } from "./away.js";
import { closingContract } from "./closing.js";
import { type NodeHarness, NodeSteps } from "./harness.js";
import { holdContract } from "./hold.js";
import { openingContract } from "./opening.js";
import { watchContract } from "./watch.js";

/** How tests reach the node of their suite, which exists while they run. */
export type Steps = () => NodeSteps;

/** What every adapter of `LightningNode` does. The tests share one node, and open channels of their own. */
export function lightningNodeContract(create: () => Promise<NodeHarness>): void {
  let steps: NodeSteps;
  beforeAll(async () => {
    steps = new NodeSteps(await create());
  });
  afterAll(() => steps.harness.close());

  const given: Steps = () => steps;
  describe("opening", () => {
    openingContract(given);
  });
  describe("closing", () => {
    closingContract(given);
  });
  describe("watching", () => {
    watchContract(given);
  });
  describe("holding", () => {
    holdContract(given);
  });
  describe("being away", () => {
    awayContract(given);
  });
}
