import { expect, it } from "vitest";
import { KnownBans } from "../../src/app/known-bans.js";
import type { AddressKey } from "../../src/core/ids.js";

const ban = (name: string, expiresMs: number) => ({
  addressKey: name as AddressKey,
  reason: "because",
  automatic: false,
  createdMs: 0,
  expiresMs,
});

it("counts active bans: one per network, until it expires, is lifted or is replaced", () => {
  const bans = new KnownBans();
  for (const [name, expiresMs] of [
    ["ann", 10],
    ["bob", 20],
    ["cyd", 20],
    ["dan", 30],
  ] as const)
    bans.set(ban(name, expiresMs));
  expect(bans.count(9)).toBe(4);
  expect(bans.count(10)).toBe(3);
  expect(bans.count(9), "after the clock was set back").toBe(4);
  bans.set(ban("dan", 15));
  expect(bans.count(19)).toBe(2);
  bans.delete("bob" as AddressKey);
  bans.delete("bob" as AddressKey);
  expect(bans.count(19)).toBe(1);
  bans.sweep(15);
  expect([bans.get("ann" as AddressKey), bans.get("dan" as AddressKey)]).toEqual([undefined, undefined]);
  expect(bans.get("cyd" as AddressKey)).toMatchObject({ expiresMs: 20 });
  expect([bans.count(0), bans.count(20)]).toEqual([1, 0]);
});
