import { expect, it } from "vitest";
import { addressHost } from "../../src/core/address.js";
import { NetworkCount } from "../../src/core/network-count.js";

/** Adds connections, each from the next address, up to the limit. Returns how many were accepted. */
function fill(count: NetworkCount, addresses: readonly string[]): number {
  const hosts = addresses.map(addressHost).filter((host) => {
    const isTaken = !count.isFull(host);
    if (isTaken) count.add(host);
    return isTaken;
  });
  return hosts.length;
}

const range = (length: number, address: (index: number) => string) => Array.from({ length }, (_, at) => address(at));

it("counts an IPv4 address individually", () => {
  const count = new NetworkCount(2);
  expect(
    fill(
      count,
      range(5, () => "192.0.2.1"),
    ),
  ).toBe(2);
  expect(
    fill(
      count,
      range(5, () => "192.0.2.2"),
    ),
  ).toBe(2);
});

it("allows all /64s of a /56 together 4 times as much as one, and all of a /48 16 times", () => {
  const count = new NetworkCount(2);
  expect(
    fill(
      count,
      range(5, () => "2001:db8:1::1"),
    ),
  ).toBe(2);
  expect(
    fill(
      count,
      range(256, (subnet) => `2001:db8:1:${subnet.toString(16)}::1`),
    ),
  ).toBe(6);
  expect(
    fill(
      count,
      range(0x2000, (subnet) => `2001:db8:1:${subnet.toString(16)}::1`),
    ),
  ).toBe(32 - 8);
  expect(fill(count, ["2001:db8:2::1"])).toBe(1);
});

it("accepts as many as were removed", () => {
  const count = new NetworkCount(1);
  const addresses = range(5, (subnet) => `2001:db8:1:${subnet.toString(16)}::1`);
  expect(fill(count, addresses)).toBe(4);
  addresses
    .slice(0, 4)
    .map(addressHost)
    .forEach((host) => {
      count.remove(host);
    });
  expect(fill(count, addresses)).toBe(4);
});
