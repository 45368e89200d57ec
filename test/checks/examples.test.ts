import { expect, it } from "vitest";
import { checkTypes } from "./support/check-types.js";

// The pages among the examples import the built client; `test/e2e/examples.test.ts` checks their types.
it.each([
  "examples/accounts",
  "examples/bot",
  "examples/payment-service",
  "examples/webhook-receiver",
  "docs/generate",
])("%s type-checks", async (folder) => {
  expect(await checkTypes(folder)).toBe("");
});
