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

/** What differs between the committed pages and those just generated. */
async function difference(part: string): Promise<string> {
  const { stdout } = await run("diff", ["-r", `docs/reference/${part}`, join(folder, "docs/reference", part)]).catch(
    (error: unknown) => error as { stdout: string },
  );
  return stdout;
}

describe("the API reference", () => {
  it("of the protocol is what `npm run generate` writes", async () => {
    await run("npx", ["buf", "generate", "--template", "docs/generate/buf.gen.yaml", "--output", folder]);
    expect(await difference("protocol")).toBe("");
  });

  it("of the client is what `npm run generate` writes", async () => {
    const out = join(folder, "docs/reference/client");
    await run("npx", ["typedoc", "--options", "docs/generate/typedoc.json", "--out", out]);
    expect(await difference("client")).toBe("");
  });
});
