import { afterAll, beforeAll, expect, it } from "vitest";
import { ServerProcess } from "../e2e/support/server-process.js";
import { RedisServer } from "../support/redis.js";
import { clusterVariables } from "./support/fleet.js";
import { RedisLink } from "./support/redis-link.js";

let redis: RedisServer;
beforeAll(async () => {
  redis = await RedisServer.start();
});
afterAll(() => redis.close());

/** Longer than the timeout of a command. */
const lateMs = 1_300;

// The first answer is that to the handshake; later ones belong to preflight, subscription, lease and bans.
it.each([1, 3, 8])("starts on a Redis whose first %d answers are too late", async (answers) => {
  const link = await RedisLink.to(redis.port);
  link.delayNext(answers, lateMs);
  const server = await ServerProcess.start({
    ...clusterVariables,
    REDIS_URL: link.url,
    REALM: `slow${String(answers)}`,
  });
  const ready = await fetch(`${server.url}/readyz`);
  expect(await ready.json()).toMatchObject({ ready: true });
  expect(await server.stop()).toBe(0);
  await server.close();
  link.close();
});
