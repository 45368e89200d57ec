import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, it } from "vitest";

// The pages among the examples import the built client; `test/e2e/examples.test.ts` checks their types.
it.each(["examples/bot", "examples/payment-service", "docs/generate"])("%s type-checks", async (folder) => {
  const { stdout } = await promisify(execFile)("npx", ["--no-install", "tsc", "-p", folder]);
  expect(stdout).toBe("");
});
