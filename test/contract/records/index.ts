import { describe } from "vitest";
import type { StoreFixture } from "../../support/store-fixture.js";
import { appealing } from "./appealing.js";
import { banning } from "./banning.js";
import { forgetting } from "./forgetting.js";
import { keeping } from "./keeping.js";
import { operating } from "./operating.js";

/** The contract of every moderation store. */
export function recordsContract(create: () => Promise<StoreFixture>): void {
  const operated = { bans: operating, appeals: appealing };
  const parts = { reports: keeping, "bans by reports": banning, ...operated, "what is old": forgetting };
  for (const [name, part] of Object.entries(parts)) {
    describe(name, () => {
      part(create);
    });
  }
}
