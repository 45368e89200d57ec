import { describe } from "vitest";
import type { Place } from "../../support/place.js";
import { changing } from "./changing.js";
import { entering } from "./entering.js";
import { forgetting } from "./forgetting.js";
import { listing } from "./listing.js";
import { reminding } from "./reminding.js";
import { totalling } from "./totalling.js";

/** What all books of tips must do. */
export function tipsContract(create: () => Promise<Place>): void {
  const parts = { entering, changing, listing, reminding, totalling, forgetting };
  for (const [name, part] of Object.entries(parts)) {
    describe(name, () => {
      part(create);
    });
  }
}
