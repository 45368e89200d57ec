import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { backlogLimit } from "../src/backlog.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "satoshigle-backlog-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function limitAs(text: string): Promise<string[]> {
  const file = join(folder, "somaxconn");
  await writeFile(file, text);
  return backlogLimit(file);
}

describe("at its start, the server", () => {
  it("names the setting of a system that lets fewer connections wait", async () => {
    expect(await limitAs("128\n")).toEqual([
      expect.stringMatching(/lets 128 new connections wait.*4096.*sysctl net\.core\.somaxconn=4096/),
    ]);
  });

  it.each(["4096\n", "65535\n", "unlimited\n"])("says nothing of %j", async (text) => {
    expect(await limitAs(text)).toEqual([]);
  });

  it("says nothing on a system without that setting", () => {
    expect(backlogLimit(join(folder, "missing"))).toEqual([]);
  });
});
