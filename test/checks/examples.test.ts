import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, it } from "vitest";

// The pages among the examples import the built client; `test/e2e/examples.test.ts` checks their types.
it.each(["bot", "payment-service"])("the example %s has types that hold", async (name) => {
  const { stdout } = await promisify(execFile)("npx", ["--no-install", "tsc", "-p", `examples/${name}`]);
  expect(stdout).toBe("");
});
