import { afterAll, beforeAll } from "vitest";
import { RedisServer } from "../../support/redis.js";
import { startServer, type TestServer } from "../../support/server.js";

/** Two servers that a test calls; the same one twice for a standalone server. */
export type Servers = () => readonly [here: TestServer, there: TestServer];

/** Starts a standalone server and two instances on one Redis for the tests of a file. Returns a row for each. */
export function oneAndTwo(variables: Record<string, string>): [name: string, servers: Servers][] {
  let redis: RedisServer;
  let standalone: TestServer;
  let instances: [TestServer, TestServer];
  beforeAll(async () => {
    redis = await RedisServer.start();
    const shared = { ...variables, REDIS_ENABLED: "true", REDIS_URL: redis.url, SESSION_SECRET: "s".repeat(32) };
    standalone = await startServer(variables);
    instances = [await startServer(shared), await startServer(shared)];
  });
  afterAll(async () => {
    await Promise.all([standalone, ...instances].map((server) => server.close()));
    await redis.close();
  });
  return [
    ["a standalone server", () => [standalone, standalone]],
    ["two instances", () => instances],
  ];
}
