import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, inject, it } from "vitest";

const run = promisify(execFile);
const tarballs = inject("tarballs");

describe.each(["client", "server"] as const)("the package of the %s", (name) => {
  it("passes publint", async () => {
    const { stdout } = await run("node_modules/.bin/publint", ["run", "--strict", tarballs[name]]);
    expect(stdout).toContain("All good!");
  });

  it("passes attw", async () => {
    const { stdout } = await run("node_modules/.bin/attw", [
      tarballs[name],
      "--profile",
      "esm-only",
      "--format",
      "json",
    ]);
    const { analysis } = JSON.parse(stdout) as { analysis: { problems: { kind: string; resolutionKind?: string }[] } };
    // Packages with ES modules only have no types for the resolution before Node.js 12, and none for `require`.
    const modern = analysis.problems.filter(({ resolutionKind = "" }) => !/node10|node16-cjs/.test(resolutionKind));
    expect(modern).toEqual([]);
  });
});
