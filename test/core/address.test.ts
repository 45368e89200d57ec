import { expect, it } from "vitest";
import { addressHost, addressPrefix } from "../../src/core/address.js";

it.each([
  ["192.0.2.17", "192.0.2.0/24"],
  ["::ffff:192.0.2.17", "192.0.2.0/24"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
  ["not an address", "not an address"],
])("takes the network of %s as %s", (address, prefix) => {
  expect(addressPrefix(address)).toBe(prefix);
});

it("counts an IPv4 address by itself and an IPv6 one by its network", () => {
  expect(addressHost("192.0.2.17")).toBe("192.0.2.17");
  expect(addressHost("::ffff:192.0.2.17")).toBe("192.0.2.17");
  expect(addressHost("2001:db8:1:2:3:4:5:6")).toBe(addressHost("2001:db8:1:2:ffff::1"));
});
