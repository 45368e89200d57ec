import { describe } from "vitest";
import { lightningNodeContract } from "../contract/lightning-node/index.js";
import { ldkHarness } from "../support/lightning/ldk-harness.js";

describe("an operator's node of the Lightning Development Kit", () => {
  lightningNodeContract(ldkHarness);
});
