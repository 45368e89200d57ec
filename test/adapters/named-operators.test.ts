import { expect, it } from "vitest";
import { namedOperators } from "../../src/adapters/operators/named-operators.js";

const moderatorIn = (value: string | null) => () =>
  namedOperators.moderatorOf((name) => (name === "x-satoshigle-moderator" ? value : null));

it.each(["ann", "ann.b_c-1@example.org", "x".repeat(64)])("takes the name %s", (name) => {
  expect(moderatorIn(name)()).toBe(name);
});

it.each([null, ""])("requires a name: %s", (name) => {
  expect(moderatorIn(name)).toThrow("x-satoshigle-moderator: this header must name the moderator");
});

it.each(["ann b", "änn", "a,b", "x".repeat(65)])("refuses %s", (name) => {
  expect(moderatorIn(name)).toThrow("x-satoshigle-moderator: must have 1 to 64 characters");
});
