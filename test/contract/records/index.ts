import { describe } from "vitest";
import type { StoreFixture } from "../../support/store-fixture.js";
import { banning } from "./banning.js";
import { forgetting } from "./forgetting.js";
import { keeping } from "./keeping.js";
import { operating } from "./operating.js";

/** The contract of every moderation store. */
export function recordsContract(create: () => Promise<StoreFixture>): void {
  const parts = { reports: keeping, "bans by reports": banning, bans: operating, "what is old": forgetting };
  for (const [name, part] of Object.entries(parts)) {
    describe(name, () => {
      part(create);
    });
  }
}
