import { describe } from "vitest";
import type { Place } from "../../support/place.js";
import { banning } from "./banning.js";
import { forgetting } from "./forgetting.js";
import { keeping } from "./keeping.js";
import { operating } from "./operating.js";

/** What every records adapter must do. */
export function recordsContract(create: () => Promise<Place>): void {
  const parts = { reports: keeping, "bans by reports": banning, bans: operating, "what is old": forgetting };
  for (const [name, part] of Object.entries(parts)) {
    describe(name, () => {
      part(create);
    });
  }
}
