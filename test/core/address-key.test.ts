import { expect, it } from "vitest";
import { addressHost } from "../../src/core/address.js";
import { addressKeys } from "../../src/core/address-key.js";
import { levelsOf, narrowestOf, widestOf } from "../../src/core/network-key.js";

const keys = addressKeys("a secret of thirty-two characters");
const keyOf = (address: string) => narrowestOf(keys.networkOf(address).key);

it("gives addresses of one network the same key of 22 characters", () => {
  expect(keyOf("192.0.2.1")).toMatch(/^[\w-]{22}$/);
  expect(keyOf("192.0.2.254")).toBe(keyOf("192.0.2.1"));
  expect(keyOf("192.0.3.1")).not.toBe(keyOf("192.0.2.1"));
  expect(keyOf("2001:db8::1")).toBe(keyOf("2001:db8::ffff:1"));
  expect(keyOf("2001:db8:0:1::1")).not.toBe(keyOf("2001:db8::1"));
});

it("knows the address block that contains the networks of a provider", () => {
  const blockKey = (address: string) => keys.blockKey(address);
  expect(blockKey("2001:db8:ffff::1")).toBe(blockKey("2001:db8::1"));
  expect(blockKey(addressHost("2001:db8::1"))).toBe(blockKey("2001:db8:1::1"));
  expect(blockKey("2001:db9::1")).not.toBe(blockKey("2001:db8::1"));
  expect(blockKey("192.0.255.1")).toBe(blockKey("::ffff:192.0.2.1"));
  expect(blockKey("192.1.2.1")).not.toBe(blockKey("192.0.2.1"));
});

it("treats an IPv4-mapped IPv6 address as the IPv4 address", () => {
  expect(keyOf("::ffff:192.0.2.7")).toBe(keyOf("192.0.2.1"));
});

it("derives the same key from the host as from the address", () => {
  for (const address of ["192.0.2.1", "::ffff:192.0.2.1", "2001:db8::1"]) {
    expect(keyOf(addressHost(address))).toBe(keyOf(address));
  }
});

it("derives other keys from another secret", () => {
  const others = addressKeys("another secret of 32 characters!");
  expect(others.networkOf("192.0.2.1").key).not.toBe(keys.networkOf("192.0.2.1").key);
});

it("knows the household of an IPv6 address by the keys of its /64, /56 and /48", () => {
  const { key, levels } = keys.networkOf("2001:db8:1:2::1");
  expect(levelsOf(key)).toEqual(levels);
  expect(levels).toHaveLength(3);
  const sameSite = keys.networkOf("2001:db8:1:ff02::1");
  const sameHome = keys.networkOf("2001:db8:1:ff::1");
  expect(levels.map((one) => sameHome.levels.includes(one))).toEqual([false, true, true]);
  expect(levels.map((one) => sameSite.levels.includes(one))).toEqual([false, false, true]);
  expect([narrowestOf(key), widestOf(key)]).toEqual([levels[0], levels[2]]);
});

it("identifies an IPv4 address by its /24, and for limits individually", () => {
  const { key, levels } = keys.networkOf("192.0.2.1");
  expect([levels, narrowestOf(key), widestOf(key)]).toEqual([[key], key, key]);
  expect(keys.hostKeys("192.0.2.1")).toHaveLength(1);
  expect(keys.hostKeys("192.0.2.2")).not.toEqual(keys.hostKeys("192.0.2.1"));
  expect(keys.hostKeys("2001:db8:1:2::1")).toEqual(keys.networkOf("2001:db8:1:2::1").levels);
});
