import { afterEach, beforeEach, describe } from "vitest";
import type { Stores } from "../lobby-harness.js";
import { TwoRealms } from "../two-realms.js";
import { meetingContract } from "./meeting.js";
import { reservingContract } from "./reserving.js";
import { visitingContract } from "./visiting.js";

/** The contract of guests, and of what instances do with them. `create` returns the stores of a new realm. */
export function overflowContract(create: () => Promise<Stores>): void {
  let realms: TwoRealms;
  beforeEach(async () => {
    realms = new TwoRealms({ home: await create(), abroad: await create() });
  });
  afterEach(() => realms.close());

  describe("a reservation", () => reservingContract(() => realms));
  describe("a guest", () => visitingContract(() => realms));
  describe("people of two realms", () => meetingContract(() => realms));
}
