import type { IncomingMessage } from "node:http";
import { expect, it } from "vitest";
import { countryFinder } from "../../src/http/countries.js";

const PROXY = "10.0.0.1";
const isProxy = (address: string) => address === PROXY;
const requestOf = (peer: string, country?: string) =>
  ({ headers: { "x-country": country }, socket: { remoteAddress: peer } }) as unknown as IncomingMessage;
const lookUp = (address: string) => ({ "198.51.100.7": "FR", "2001:db8:1:2::": "at" })[address];

it("believes the header of a trusted proxy alone", () => {
  const find = countryFinder({ header: "X-Country", lookUp: undefined }, isProxy);
  expect(find?.(requestOf(PROXY, "DE"), "198.51.100.7")).toBe("de");
  expect(find?.(requestOf("198.51.100.7", "DE"), "198.51.100.7")).toBeUndefined();
});

it.each(["XX", "T1", "DEU", "", "d\u00e9", undefined])("takes %j for no country", (country) => {
  const find = countryFinder({ header: "x-country", lookUp: undefined }, isProxy);
  expect(find?.(requestOf(PROXY, country), "198.51.100.7")).toBeUndefined();
});

it("looks an address up that no header has a country for, and a /64 by its first address", () => {
  const find = countryFinder({ header: "x-country", lookUp }, isProxy);
  expect(find?.(requestOf(PROXY, "XX"), "198.51.100.7")).toBe("fr");
  expect(find?.(requestOf(PROXY, "DE"), "198.51.100.7")).toBe("de");
  expect(find?.(requestOf(PROXY), "2001:db8:1:2::/64")).toBe("at");
  expect(find?.(requestOf(PROXY), "203.0.113.1")).toBeUndefined();
});

it("does nothing unless it is configured", () => {
  expect(countryFinder({ header: "", lookUp: undefined }, isProxy)).toBeUndefined();
});
