import { describe } from "vitest";
import type { StoreFixture } from "../../support/store-fixture.js";
import { acting } from "./acting.js";
import { answering } from "./answering.js";
import { gathering } from "./gathering.js";
import { ordering } from "./ordering.js";
import { pruning } from "./pruning.js";

/** The contract of every store of cases. */
export function casesContract(create: () => Promise<StoreFixture>): void {
  const parts = {
    "gather reports": gathering,
    "are worked on": acting,
    "are sorted": ordering,
    "answer those who reported": answering,
    "are dropped": pruning,
  };
  for (const [name, part] of Object.entries(parts)) {
    describe(name, () => {
      part(create);
    });
  }
}
