import { afterEach, describe, expect, it, vi } from "vitest";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConfigError, createServer, type SatoshigleServer } from "../src/index.js";

let server: SatoshigleServer | undefined;
let folder: string | undefined;
afterEach(async () => {
  await server?.close();
  if (folder !== undefined) await rm(folder, { recursive: true });
  server = folder = undefined;
});

describe("createServer", () => {
  it("creates a server with the given settings, not those of the environment", async () => {
    vi.stubEnv("PORT", "abc");
    folder = await mkdtemp(join(tmpdir(), "satoshigle-embedded-"));
    const settings = { HOST: "127.0.0.1", PORT: 0, INTERNAL_PORT: "0", DATA_DIR: folder, LOG_LEVEL: "silent" };
    server = await createServer(settings);
    const url = new URL(await server.listen());
    expect(url.port).not.toBe("0");
    const answer = await fetch(`http://127.0.0.1:${url.port}/readyz`);
    expect(await answer.json()).toEqual({ ready: true, troubles: [] });
    expect(server.internal.server.listening).toBe(true);
    await server.close();
    expect(server.public.server.listening).toBe(false);
  });

  it("refuses an invalid value like the command", async () => {
    await expect(createServer({ PORT: "abc" })).rejects.toThrow(ConfigError);
    await expect(createServer({ PORT: "abc" })).rejects.toThrow("PORT=abc is not allowed");
  });
});
