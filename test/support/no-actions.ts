import type { CrowdLimit } from "../../src/app/crowd-limit.js";
import type { Enforcement } from "../../src/app/enforcement.js";

/** For parts of a server on which no action is in force. */
export const nothingEnforced: Pick<Enforcement, "standingOf" | "refuse"> = {
  standingOf: ({ standing }) => standing,
  refuse: () => undefined,
};

/** Bans networks however many people are connected. */
export const anyCrowd: Pick<CrowdLimit, "refuse"> = { refuse: () => Promise.resolve() };
