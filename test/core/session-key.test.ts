import { expect, it } from "vitest";
import { addressKeys } from "../../src/core/address-key.js";
import type { PersonKey, SessionId } from "../../src/core/ids.js";
import {
  accountable,
  deviceKeys,
  deviceOf,
  networkOf,
  partyOf,
  personKeys,
  personOf,
  sessionKey,
} from "../../src/core/session-key.js";
import { signToken, verifyToken } from "../../src/core/token.js";

const keyOf = personKeys("a secret");
const device = deviceKeys("a secret")("a random key");
const network = addressKeys("a secret").networkOf("2001:db8::1").key;

it("a subject has one key, which does not contain it and depends on the secret", () => {
  expect(keyOf("ann")).toBe(keyOf("ann"));
  expect(keyOf("ann")).toMatch(/^~[\w-]{22}$/);
  expect(keyOf("ann")).not.toContain("ann");
  expect(new Set([keyOf("ann"), keyOf("bob"), personKeys("another secret")("ann")]).size).toBe(3);
});

it("no subject has the key of a network", () => {
  const networks = addressKeys("a secret").networkOf("192.0.2.1").levels;
  expect(networks).not.toContain(keyOf("192.0.2.0/24").slice(1));
});

it.each([
  ["a person and a browser", { person: keyOf("ann"), device }, keyOf("ann"), keyOf("ann")],
  ["a person", { person: keyOf("ann") }, keyOf("ann"), keyOf("ann")],
  ["a browser", { device }, device, `${device}.${network}`],
])("the key of a session contains %s and the network", (_, known, party, reported) => {
  const key = sessionKey(known, network);
  expect({ person: personOf(key), device: deviceOf(key) }).toEqual({ person: undefined, device: undefined, ...known });
  expect(networkOf(key)).toBe(network);
  expect(partyOf(key)).toBe(party);
  expect(accountable(key)).toBe(reported);
});

it("the key of an unknown session is that of its network", () => {
  expect(sessionKey({}, network)).toBe(network);
  expect([personOf(network), deviceOf(network), partyOf(network)]).toEqual([undefined, undefined, undefined]);
  expect(networkOf(network)).toBe(network);
  expect(accountable(network)).toBe(network);
});

it("a token names its session, its person and its browser, and none can be replaced", () => {
  const sessionId = "AAAAAAAAAAAAAAAAAAAAAA" as SessionId;
  const token = signToken("a secret", sessionId, { person: keyOf("ann"), device });
  expect(verifyToken("a secret", token)).toEqual({ sessionId, person: keyOf("ann"), device });
  expect(verifyToken("a secret", signToken("a secret", sessionId, { device }))).toEqual({ sessionId, device });
  expect(verifyToken("a secret", signToken("a secret", sessionId))).toEqual({ sessionId });
  expect(verifyToken("a secret", token.replace(keyOf("ann"), keyOf("bob")))).toBeUndefined();
  for (const key of [keyOf("ann"), device]) {
    expect(verifyToken("a secret", token.replace(`.${key}`, ""))).toBeUndefined();
  }
  const anonymous = signToken("a secret", sessionId);
  expect(verifyToken("a secret", anonymous.replace(".", `.${keyOf("ann")}.`))).toBeUndefined();
  expect(verifyToken("a secret", `${sessionId}.${"~" as PersonKey}`)).toBeUndefined();
});
