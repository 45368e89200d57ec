import { expect, it } from "vitest";
import { pair, roomy } from "../support/pair.js";
import { TestClient, transportTo } from "../support/test-client.js";
import { setPacked } from "../support/packed.js";
import { on } from "../support/redis-cluster.js";
import { RedisServer } from "../support/redis.js";
import { startServer } from "../support/server.js";

it("idle streams learn that another server holds the realm, although no message of the bus is missing", async () => {
  const redis = await RedisServer.start();
  const shared = { REDIS_ENABLED: "true", REDIS_URL: redis.url, SESSION_SECRET: "s".repeat(32) };
  const server = await startServer({ ...roomy, ...shared });
  const { offerer, answerer } = await pair(transportTo(server.url));
  // As after a failover: it has the identity of the previous server, and connections and numbers continue.
  await on(redis, (client) => setPacked(client, "satoshigle:{main}:counts", "life", "of another server"));
  for (const person of [offerer, answerer]) {
    await person.rest();
    const back = await TestClient.open(person.transport, person.resume);
    expect(back.welcome.epoch).not.toBe(person.welcome.epoch);
    expect(back.welcome.snapshot?.state.case).toBe("inMatch");
  }
  await server.close();
  await redis.close();
});
