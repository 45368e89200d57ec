import { expect, it } from "vitest";
import { addressHost } from "../../src/core/address.js";
import { addressKeys } from "../../src/core/address-key.js";

const keyOf = addressKeys("a secret of thirty-two characters");

it("knows people of one network by one key of 22 characters", () => {
  expect(keyOf("192.0.2.1")).toMatch(/^[\w-]{22}$/);
  expect(keyOf("192.0.2.254")).toBe(keyOf("192.0.2.1"));
  expect(keyOf("192.0.3.1")).not.toBe(keyOf("192.0.2.1"));
  expect(keyOf("2001:db8::1")).toBe(keyOf("2001:db8::ffff:1"));
  expect(keyOf("2001:db8:0:1::1")).not.toBe(keyOf("2001:db8::1"));
});

it("takes an IPv4-mapped IPv6 address for the IPv4 address it is", () => {
  expect(keyOf("::ffff:192.0.2.7")).toBe(keyOf("192.0.2.1"));
});

it("finds the same key by the host as by the address", () => {
  for (const address of ["192.0.2.1", "::ffff:192.0.2.1", "2001:db8::1"]) {
    expect(keyOf(addressHost(address))).toBe(keyOf(address));
  }
});

it("knows them by other keys with another secret", () => {
  expect(addressKeys("another secret of 32 characters!")("192.0.2.1")).not.toBe(keyOf("192.0.2.1"));
});
