import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const run = promisify(execFile);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "satoshigle-reference-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** The differences between the committed and the generated pages. */
async function difference(part: string): Promise<string> {
  const { stdout } = await run("diff", ["-r", `docs/reference/${part}`, join(folder, "docs/reference", part)]).catch(
    (error: unknown) => error as { stdout: string },
  );
  return stdout;
}

describe("the API reference", () => {
  it("of the protocol is up to date (`npm run generate`)", async () => {
    await run("npx", ["buf", "generate", "--template", "docs/generate/buf.gen.yaml", "--output", folder]);
    expect(await difference("protocol")).toBe("");
  });

  it("of the client is up to date (`npm run generate`)", async () => {
    const out = join(folder, "docs/reference/client");
    await run("npx", ["typedoc", "--options", "docs/generate/typedoc.json", "--out", out]);
    expect(await difference("client")).toBe("");
  });
});
