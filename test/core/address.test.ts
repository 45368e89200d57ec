import { expect, it } from "vitest";
import { addressHost, addressPrefix, shareOf, widerNetworks } from "../../src/core/address.js";

it.each([
  ["192.0.2.17", "192.0.2.0/24"],
  ["::ffff:192.0.2.17", "192.0.2.0/24"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
  ["not an address", "not an address"],
])("takes the network of %s as %s", (address, prefix) => {
  expect(addressPrefix(address)).toBe(prefix);
});

it("counts an IPv4 address individually and an IPv6 address by its network", () => {
  expect(addressHost("192.0.2.17")).toBe("192.0.2.17");
  expect(addressHost("::ffff:192.0.2.17")).toBe("192.0.2.17");
  expect(addressHost("2001:db8:1:2:3:4:5:6")).toBe(addressHost("2001:db8:1:2:ffff::1"));
});

it("knows the /56 and /48 of an IPv6 host, and no wider network of an IPv4 host", () => {
  expect(widerNetworks(addressHost("2001:db8:1:12ff:3:4:5:6"))).toEqual(["2001:db8:1:1200::/56", "2001:db8:1::/48"]);
  expect(widerNetworks(addressHost("2001:db8::1"))).toEqual(["2001:db8:0:0::/56", "2001:db8:0::/48"]);
  for (const host of ["192.0.2.17", "::ffff:192.0.2.17", "not an address", "::/64"]) {
    expect(widerNetworks(addressHost(host))).toEqual([]);
  }
});

it("allows wider networks more, but not as much as all their hosts", () => {
  expect([0, 1, 2].map((level) => shareOf(level, 20))).toEqual([20, 80, 320]);
});
