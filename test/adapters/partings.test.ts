import { expect, it } from "vitest";
import { PARTED_AT_ONCE } from "../../src/core/limits.js";
import { Partings } from "../../src/adapters/memory/partings.js";

it("two that parted are kept apart for a time, in either order", () => {
  const partings = new Partings(1_000);
  partings.add("ann", "bob", 5_000);
  expect([partings.untilMs("ann", "bob"), partings.untilMs("bob", "ann")]).toEqual([6_000, 6_000]);
  expect(partings.untilMs("ann", "cyd")).toBe(0);
});

it("pairs whose time is over are dropped", () => {
  const partings = new Partings(1_000);
  partings.add("ann", "bob", 5_000);
  partings.add("ann", "cyd", 6_000);
  expect(partings.untilMs("ann", "bob")).toBe(0);
});

it("pairs whose time is over at once are dropped a few at a time", () => {
  const partings = new Partings(1_000);
  for (let count = 0; count < 100; count++) partings.add("ann", `stranger ${String(count)}`, 5_000);
  partings.add("ann", "bob", 7_000);
  expect(partings.size).toBe(101 - PARTED_AT_ONCE);
  for (let count = 0; count < 100; count++) partings.add("bob", `stranger ${String(count)}`, 7_000);
  expect(partings.size).toBe(101);
});

it("of too many pairs, the oldest are dropped, and one that parts again is not old", () => {
  const partings = new Partings(1_000, 2);
  partings.add("ann", "bob", 5_000);
  partings.add("ann", "cyd", 5_001);
  partings.add("bob", "ann", 5_002);
  partings.add("ann", "dan", 5_003);
  expect(["bob", "cyd", "dan"].map((name) => partings.untilMs("ann", name))).toEqual([6_002, 0, 6_003]);
});
