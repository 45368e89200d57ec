import { randomBytes } from "node:crypto";
import type { Chance } from "../../ports/chance.js";

/** The machine's randomness. */
export const systemChance: Chance = {
  id: () => randomBytes(16).toString("base64url"),
  fraction: () => Math.random(),
};
