import { once } from "node:events";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import type { Cluster } from "ioredis";
import { createClient } from "../../../src/adapters/redis/connect.js";
import { on, RedisCluster } from "../../support/redis-cluster.js";
import type { RedisServer } from "../../support/redis.js";

const KEY = "a key that the moving slot does not hold";

let cluster: RedisCluster;
beforeAll(async () => {
  cluster = await RedisCluster.start(0);
});
afterAll(() => cluster.close());

const idOf = (server: RedisServer) => on(server, (client) => client.cluster("MYID"));

/** Begins to move the slot of a key to another server, and returns that one. */
async function beginMove(key: string): Promise<RedisServer> {
  const owner = await cluster.ownerOf(key);
  const target = cluster.servers.find((server) => server !== owner);
  if (target === undefined) throw new Error("there is one server only");
  const slot = await on(owner, (client) => client.cluster("KEYSLOT", key));
  const [from, to] = [await idOf(owner), await idOf(target)];
  await on(target, (client) => client.call("CLUSTER", "SETSLOT", slot, "IMPORTING", from));
  await on(owner, (client) => client.call("CLUSTER", "SETSLOT", slot, "MIGRATING", to));
  return target;
}

it("refuses a command whose slot moves to a server that does not answer, and leaves no rejection unhandled", async () => {
  const unhandled: unknown[] = [];
  const note = (error: unknown) => unhandled.push(error);
  process.on("unhandledRejection", note);
  onTestFinished(() => void process.off("unhandledRejection", note));
  const client = createClient(cluster.urls) as Cluster;
  onTestFinished(() => client.disconnect());
  await client.connect();
  const target = await beginMove(KEY);
  expect(await client.get(KEY)).toBeNull(); // asks the target, which answers
  target.signal("SIGSTOP");
  onTestFinished(() => target.signal("SIGCONT"));
  await expect(client.get(KEY)).rejects.toThrow();
  const closed = once(client, "end");
  client.disconnect(); // rejects whatever still waits for an answer
  await closed;
  await new Promise((resolve) => setImmediate(resolve));
  expect(unhandled).toEqual([]);
});
