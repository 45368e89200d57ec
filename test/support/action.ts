import type { Action } from "../../src/core/action.js";
import { UNNAMED } from "../../src/core/case.js";
import type { ActionId, AddressKey } from "../../src/core/ids.js";

export const START_MS = 1_800_000_000_000;
export const idOf = (name: string) => name as ActionId;

/** An action of a minute against a person. */
export const action = (name: string, more: Partial<Action> = {}): Action => ({
  ...{ id: idOf(name), kind: "text_only", addressKey: "~ann" as AddressKey, reason: "", statement: "", by: UNNAMED },
  ...{ createdMs: START_MS, expiresMs: START_MS + 60_000, ...more },
});
