import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { type AddressInfo, connect, createServer, type Server } from "node:net";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { preflight } from "../../../src/adapters/redis/preflight.js";
import { ScriptRunner } from "../../../src/adapters/redis/script-runner.js";
import { RedisServer } from "../../support/redis.js";

let redis: RedisServer;
beforeAll(async () => {
  redis = await RedisServer.start("--maxmemory-policy", "allkeys-lru");
});
afterAll(() => redis.close());

/** A proxy to Redis that replaces words in its answers by others of the same length. */
async function rewritten(from: RegExp, to: string): Promise<Server> {
  const server = createServer((client) => {
    const upstream = connect(redis.port, "127.0.0.1");
    client.pipe(upstream);
    upstream.on("data", (chunk) => client.write(chunk.toString("latin1").replace(from, to), "latin1"));
    for (const socket of [client, upstream]) {
      socket.on("error", () => undefined).on("close", () => [client, upstream].forEach((one) => one.destroy()));
    }
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  onTestFinished(() => void server.close());
  return server;
}

/** The result of preflight: why Redis is refused, and what could not be checked. */
async function look(from: RegExp, to: string, isProduction = false) {
  const { port } = (await rewritten(from, to)).address() as AddressInfo;
  const urls = [`redis://127.0.0.1:${String(port)}`];
  const store = await ScriptRunner.open({ urls, realm: "checked", handshakeMs: 20_000 }, () => undefined);
  onTestFinished(() => store.close());
  const unchecked: string[] = [];
  const refusal = await preflight(store, isProduction, (what) => unchecked.push(what)).then(
    () => undefined,
    (error: unknown) => (error as Error).message,
  );
  return { refusal, unchecked };
}

it("refuses a Redis older than 7", async () => {
  expect((await look(/redis_version:\d/, "redis_version:6")).refusal).toContain("it must be 7 or newer (REDIS_URL)");
  expect(await look(/redis_version:\d/, "redis_version:7")).toEqual({ refusal: undefined, unchecked: [] });
});

it("reports that a hidden version could not be checked", async () => {
  const { unchecked } = await look(/redis_version:/, "other_version:");
  expect(unchecked).toEqual(["the version of Redis, which must be 7 or newer"]);
});

it("reads the eviction policy with CONFIG if INFO does not contain it", async () => {
  const hidden = [/maxmemory_policy:/, "another___policy:"] as const;
  expect((await look(...hidden, true)).refusal).toContain("Redis evicts keys (maxmemory-policy allkeys-lru)");
});

/** The names of the keys that exist once per realm, as the scripts have them. */
async function namesInScripts(): Promise<string[]> {
  const folder = new URL("../../../src/adapters/redis/scripts/", import.meta.url);
  const files = (await readdir(folder, { recursive: true })).filter((file) => file.endsWith(".lua"));
  const scripts = await Promise.all(files.map((file) => readFile(new URL(file, folder), "utf8")));
  const names = scripts.flatMap((text) =>
    [...text.matchAll(/\bbase \.\. ":([a-z:]+)"(?! \.\.)/g)].map(([, name]) => name),
  );
  return [...new Set(names)].map(String).sort();
}

it("refuses a key of another type under each name that a script uses", async () => {
  const urls = [redis.url];
  const store = await ScriptRunner.open({ urls, realm: "strange", handshakeMs: 20_000 }, () => undefined);
  onTestFinished(() => store.close());
  const names = await namesInScripts();
  expect(names).toContain("sessions");
  for (const name of names) await store.client.rpush(`${store.key}:${name}`, "not ours");
  const refusal = await preflight(store, false, () => undefined).catch((error: unknown) => (error as Error).message);
  const refused = [...String(refusal).matchAll(/:([a-z:]+) \(list\)/g)].map(([, name]) => name);
  expect(refused.map((name) => name?.replace(/^.*}:/, "")).sort()).toEqual(names);
});
