import { expect, it } from "vitest";
import { addressKeys } from "../../src/core/address-key.js";
import type { PersonKey, SessionId } from "../../src/core/ids.js";
import { accountable, networkOf, personKeys, personOf, withPerson } from "../../src/core/person-key.js";
import { signToken, verifyToken } from "../../src/core/token.js";

const keyOf = personKeys("a secret");
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

it("the key of a session contains its person and its network", () => {
  const key = withPerson(keyOf("ann"), network);
  expect(personOf(key)).toBe(keyOf("ann"));
  expect(networkOf(key)).toBe(network);
  expect(accountable(key)).toBe(keyOf("ann"));
});

it("the key of an anonymous session is that of its network", () => {
  expect(withPerson(undefined, network)).toBe(network);
  expect(personOf(network)).toBeUndefined();
  expect(networkOf(network)).toBe(network);
  expect(accountable(network)).toBe(network);
});

it("a token names its session and its person, and neither can be replaced", () => {
  const sessionId = "AAAAAAAAAAAAAAAAAAAAAA" as SessionId;
  const token = signToken("a secret", sessionId, keyOf("ann"));
  expect(verifyToken("a secret", token)).toEqual({ sessionId, person: keyOf("ann") });
  expect(verifyToken("a secret", signToken("a secret", sessionId))).toEqual({ sessionId, person: undefined });
  expect(verifyToken("a secret", token.replace(keyOf("ann"), keyOf("bob")))).toBeUndefined();
  expect(verifyToken("a secret", token.replace(`.${keyOf("ann")}`, ""))).toBeUndefined();
  const anonymous = signToken("a secret", sessionId);
  expect(verifyToken("a secret", anonymous.replace(".", `.${keyOf("ann")}.`))).toBeUndefined();
  expect(verifyToken("a secret", `${sessionId}.${"~" as PersonKey}`)).toBeUndefined();
});
