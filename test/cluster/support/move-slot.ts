import type { Redis } from "ioredis";
import { on, type RedisCluster } from "../../support/redis-cluster.js";
import type { RedisServer } from "../../support/redis.js";

/** Keys that are migrated per step; few, so that there are many steps. */
const KEYS_AT_ONCE = 10;

/**
 * Moves the slot of a key to another primary, as `redis-cli --cluster reshard` does. Returns the new owner.
 * @param pause called between the steps
 */
export async function moveSlot(cluster: RedisCluster, key: string, pause: () => Promise<void>): Promise<RedisServer> {
  const from = await cluster.ownerOf(key);
  const to = (await cluster.primaries()).find((server) => server !== from);
  if (to === undefined) throw new Error("there is no other primary");
  const [fromId, toId] = [await idOf(from), await idOf(to)];
  const slot = await on(from, (client) => client.cluster("KEYSLOT", key));
  await on(to, (client) => client.cluster("SETSLOT", slot, "IMPORTING", fromId));
  await on(from, async (client) => {
    await client.cluster("SETSLOT", slot, "MIGRATING", toId);
    while (await moveSome(client, slot, to.port)) await pause();
  });
  for (const server of [to, from]) await on(server, (client) => client.cluster("SETSLOT", slot, "NODE", toId));
  return to;
}

async function moveSome(client: Redis, slot: number, port: number): Promise<boolean> {
  const keys = await client.cluster("GETKEYSINSLOT", slot, KEYS_AT_ONCE);
  if (keys.length > 0) await client.migrate("127.0.0.1", port, "", 0, 5_000, "KEYS", ...keys);
  return keys.length > 0;
}

function idOf(server: RedisServer): Promise<string> {
  return on(server, (client) => client.cluster("MYID"));
}
