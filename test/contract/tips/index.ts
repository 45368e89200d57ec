import { describe } from "vitest";
import type { StoreFixture } from "../../support/store-fixture.js";
import { changing } from "./changing.js";
import { entering } from "./entering.js";
import { forgetting } from "./forgetting.js";
import { listing } from "./listing.js";
import { deadlines } from "./deadlines.js";
import { receiving } from "./receiving.js";
import { totalling } from "./totalling.js";

/** The contract of every tip ledger. */
export function tipsContract(create: () => Promise<StoreFixture>): void {
  const parts = { entering, changing, listing, deadlines, totalling, receiving, forgetting };
  for (const [name, part] of Object.entries(parts)) {
    describe(name, () => {
      part(create);
    });
  }
}
