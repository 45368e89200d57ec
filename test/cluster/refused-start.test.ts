import { afterAll, beforeAll, expect, it } from "vitest";
import { freePort } from "../support/ports.js";
import { ServerProcess } from "../e2e/support/server-process.js";
import { on } from "../support/redis-cluster.js";
import { RedisServer } from "../support/redis.js";
import { clusterVariables, realmKey } from "./support/fleet.js";
import { refuse } from "./support/refused-start.js";

let redis: RedisServer;
beforeAll(async () => {
  redis = await RedisServer.start("--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru");
});
afterAll(() => redis.close());

it("does not start when Redis cannot be reached, and states the address", async () => {
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

it("does not print the password of a Redis that it cannot reach", async () => {
  const { code, said } = await refuse({ REDIS_URL: `redis://someone:hunter2@127.0.0.1:${String(await freePort())}` });
  expect(code).toBe(1);
  expect(said).not.toContain("hunter2");
});

it("does not start without a secret shared by all instances", async () => {
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

it.each([
  ["SESSION_SECRET", "another secret, which no log may hold"],
  ["LIGHTNING_NETWORK", "regtest"],
])("does not start beside instances with another %s, until they are gone", async (name, value) => {
  const REDIS_URL = redis.url;
  const running = await ServerProcess.start({ ...clusterVariables, REDIS_URL, REALM: name });
  try {
    const { code, said } = await refuse({ REDIS_URL, REALM: name, [name]: value });
    expect(code).toBe(1);
    expect(said).toContain(`${name} differs from that of the running instances`);
    expect(said).toContain("stop all instances of the realm first");
    expect(said).not.toContain(value);
    expect(said).not.toContain(clusterVariables.SESSION_SECRET);
    const twin = await ServerProcess.start({ ...clusterVariables, REDIS_URL, REALM: name });
    expect(await twin.stop("SIGTERM")).toBe(0);
    await twin.close();
    const inRedis = await on(redis, (client) => client.hvals(`satoshigle:{${name}}:agreement`));
    expect(inRedis.join(" "), "the stored agreement reveals no secret").not.toContain("secret");
    await running.stop("SIGTERM");
    const after = await ServerProcess.start({ ...clusterVariables, REDIS_URL, REALM: name, [name]: value });
    await after.close();
  } finally {
    await running.close();
  }
});

it("does not start on a read-only replica", async () => {
  const replica = await RedisServer.start("--replicaof", "127.0.0.1", String(redis.port));
  const { code, said } = await refuse({ REDIS_URL: replica.url });
  await replica.close();
  expect(code).toBe(1);
  expect(said).toContain("it is a read-only replica; REDIS_URL must name the primary");
});

it("does not start on keys of another type, and names them", async () => {
  const key = `${realmKey}:deadlines`;
  await on(redis, (client) => client.set(key, "somebody else's"));
  const { code, said } = await refuse({ REDIS_URL: redis.url });
  await on(redis, (client) => client.del(key));
  expect(code).toBe(1);
  expect(said).toContain(`${key} (string)`);
  expect(said).toContain("RENAME");
});

it.each([
  [
    "-type",
    "could not be checked because the user of REDIS_URL lacks permission: whether the keys of the realm are its own",
  ],
  ["-config", "Satoshigle is up"], // INFO contains the same
])("says what it could not check: a user with %s", async (right, words) => {
  await on(redis, (client) => client.acl("SETUSER", "limited", "on", ">pass", "~*", "&*", "+@all", right));
  const REDIS_URL = redis.url.replace("//", "//limited:pass@");
  const server = await ServerProcess.start({ ...clusterVariables, REDIS_URL, REALM: "limited" });
  await server.close();
  expect(server.everything).toContain(words);
});

it("does not start for a user without the permissions of the scripts, and names what is missing", async () => {
  await on(redis, (client) => client.acl("SETUSER", "reader", "on", ">pass", "~*", "&*", "+@all", "-info"));
  const { code, said } = await refuse({ REDIS_URL: redis.url.replace("//", "//reader:pass@") });
  expect(code).toBe(1);
  expect(said).toContain("the user of REDIS_URL lacks rights (ACL)");
});
