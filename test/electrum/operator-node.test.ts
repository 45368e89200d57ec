import { lightningNodeContract } from "../contract/lightning-node/index.js";
import { electrumHarness } from "../support/lightning/electrum-harness.js";

lightningNodeContract(electrumHarness);
