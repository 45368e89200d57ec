import { execFile } from "node:child_process";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { checkTypes } from "./support/check-types.js";

const run = promisify(execFile);

/** The output of a command, including errors. Rejects if it fails. */
async function output(command: string, ...args: string[]): Promise<string> {
  const { stdout, stderr } = await run(`node_modules/.bin/${command}`, args, { maxBuffer: 1 << 24 });
  return stdout + stderr;
}

// Each check runs in its own process. The longest starts first, and the others run concurrently.
describe.concurrent("the repository", () => {
  it("lints clean", async () => {
    expect(await output("eslint", "--max-warnings", "0", ".")).toBe("");
  });

  it.each([
    ["gen", "buf.gen.yaml"],
    ["gen/lnrpc", "src/adapters/lnd/buf.gen.yaml"],
    ["src/client/gen", "src/client/buf.gen.yaml"],
    ["src/client/moderation/gen", "src/client/buf.gen.yaml"],
    ["src/client/tips/gen", "src/client/buf.gen.yaml"],
  ])("has generated code that is up to date, in %s", async (path, template) => {
    const folder = await mkdtemp(join(tmpdir(), "satoshigle-gen-"));
    await output("buf", "generate", "--template", template, "--output", folder);
    const { stdout } = await run("diff", ["-r", "--exclude=lnrpc", path, join(folder, path)]);
    expect(stdout).toBe("");
  });

  it("has protos that lint clean", async () => {
    expect(await output("buf", "lint")).toBe("");
  });

  it("has protos that are formatted", async () => {
    expect(await output("buf", "format", "--diff", "--exit-code")).toBe("");
  });

  it("has no breaking changes to the published protos", async () => {
    expect(await output("buf", "breaking", "--against", "test/checks/published.binpb")).toBe("");
  });

  it.each([".", "src/client", "src/demo", "src/console", "test"])("type-checks in %s", async (project) => {
    expect(await checkTypes(project)).toBe("");
  });

  it.each([
    [".", /\/lib\.dom\./],
    ["src/client", /\/@types\/node\//],
    ["src/demo", /\/@types\/node\//],
  ])("is checked against the types of its own platform alone, in %s", async (project, foreign) => {
    const files = (await checkTypes(project, "--listFilesOnly")).split("\n");
    expect(files.length).toBeGreaterThan(50);
    expect(files.filter((file) => foreign.test(file))).toEqual([]);
  });

  it("is formatted", async () => {
    expect(await output("prettier", "--check", ".")).toContain("All matched files use Prettier code style!");
  });
});
