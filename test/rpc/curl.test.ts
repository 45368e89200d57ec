import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startServer, type TestServer } from "../support/server.js";
import { bashBlocks, paste } from "../support/shell.js";

let server: TestServer;
let folder: string;
beforeAll(async () => {
  server = await startServer();
  folder = await mkdtemp(join(tmpdir(), "satoshigle-curl-"));
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

/** npm itself runs the commands once: on the fast path, in bash. */
const isFast = process.env.DIRECT_PATH !== "false";

describe.each([
  ["bash", isFast],
  ["zsh", false],
] as const)("pasted into %s", (shell, withNpm) => {
  it("the buf curl examples run as written, over Connect, gRPC-Web and gRPC", async () => {
    const commands = (await bashBlocks("docs/api.md")).replaceAll("http://localhost:3001", server.url);
    const env = { TMPDIR: folder, npm_config_loglevel: "error", npm_config_progress: "false" };
    const output = await paste(shell, commands, { env, withNpm });
    const count = (text: string) => output.split(text).length - 1;
    expect(count("v=0\\r\\no=- 1 1 IN IP4 0.0.0.0")).toBe(3);
    expect(count("REASON_PARTNER_LEFT")).toBe(3);
    expect(count("{}")).toBe(12); // two Match, one Send and one Leave each
    expect(output).toContain("satoshigle.v1.SignalService/Signal");
  });
});
