import { spawn } from "node:child_process";
import { once } from "node:events";
import { afterAll, beforeAll, expect, it } from "vitest";
import { freePort } from "../support/ports.js";
import { RedisServer } from "../support/redis.js";
import { clusterVariables } from "./support/fleet.js";

let redis: RedisServer;
beforeAll(async () => {
  redis = await RedisServer.start("--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru");
});
afterAll(() => redis.close());

/** Starts an instance that is expected to end at once; returns its exit code and what it said. */
async function refuse(variables: Record<string, string>): Promise<{ code: number | null; said: string }> {
  const env = {
    PATH: process.env.PATH,
    PORT: "0",
    INTERNAL_PORT: "0",
    HOST: "127.0.0.1",
    ...clusterVariables,
    ...variables,
  };
  const child = spawn(process.execPath, ["dist/src/main.js"], { env });
  let said = "";
  child.stdout.on("data", (chunk) => (said += String(chunk)));
  child.stderr.on("data", (chunk) => (said += String(chunk)));
  const timer = setTimeout(() => child.kill("SIGKILL"), 20_000);
  const [code] = (await once(child, "close")) as [number | null];
  clearTimeout(timer);
  return { code, said };
}

it("does not start when Redis cannot be reached, and says where it looked", async () => {
  const REDIS_URL = `redis://127.0.0.1:${String(await freePort())}`;
  const { code, said } = await refuse({ REDIS_URL });
  expect(code).toBe(1);
  expect(said).toContain("Satoshigle cannot start");
  expect(said).toContain("REDIS_URL");
  expect(said).toContain(new URL(REDIS_URL).host);
  expect(said.split("\n").length).toBeLessThan(6);
});

it("does not start when no server of a Cluster can be reached", async () => {
  const ports = [await freePort(), await freePort()];
  const { code, said } = await refuse({ REDIS_URL: ports.map((port) => `redis://127.0.0.1:${String(port)}`).join() });
  expect(code).toBe(1);
  expect(said).toContain("REDIS_URL");
});

it("does not tell the password of a Redis it cannot reach", async () => {
  const { code, said } = await refuse({ REDIS_URL: `redis://someone:hunter2@127.0.0.1:${String(await freePort())}` });
  expect(code).toBe(1);
  expect(said).not.toContain("hunter2");
});

it("does not start without a secret that all instances know", async () => {
  const { code, said } = await refuse({ REDIS_URL: redis.url, SESSION_SECRET: "" });
  expect(code).toBe(1);
  expect(said).toContain("SESSION_SECRET is required with REDIS_ENABLED");
});

it("does not start in production on a Redis that evicts keys", async () => {
  const production = { NODE_ENV: "production", CLIENT_URL: "https://chat.example.com" };
  const { code, said } = await refuse({ ...production, REDIS_URL: redis.url });
  expect(code).toBe(1);
  expect(said).toContain("maxmemory-policy allkeys-lru");
  expect(said).toContain("noeviction");
});
