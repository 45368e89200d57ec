import { setTimeout as sleep } from "node:timers/promises";
import type { Redis } from "ioredis";
import { freePort } from "../../support/ports.js";
import { on } from "../../support/redis-cluster.js";
import type { RedisServer } from "../../support/redis.js";

/** A way in which a reachable Redis refuses commands. */
export interface Way {
  name: string;
  /** What the server reports in its log and in /readyz. */
  says: string;
  begin: (redis: RedisServer, base: string) => Promise<unknown>;
  end: (redis: RedisServer, base: string) => Promise<unknown>;
}

/** Keys that every important call uses. */
const keys = ["nodes", "count", "deadlines"];

export const ways: Way[] = [
  {
    name: "Redis is out of memory",
    says: "it has reached maxmemory",
    begin: (redis) => on(redis, (client) => client.config("SET", "maxmemory", "1mb", "maxmemory-policy", "noeviction")),
    end: (redis) => on(redis, (client) => client.config("SET", "maxmemory", "0")),
  },
  {
    name: "Redis becomes a read-only replica",
    says: "it is a read-only replica",
    begin: (redis) => on(redis, async (client) => client.replicaof("127.0.0.1", await freePort())),
    end: (redis) => on(redis, (client) => client.replicaof("NO", "ONE")),
  },
  {
    name: "Redis cannot save to its disk",
    says: "it cannot save to its disk",
    begin: failToSave,
    end: async (redis) => {
      await redis.allowDumps(true);
      await on(redis, (client) => client.save());
      await on(redis, (client) => client.config("SET", "save", ""));
    },
  },
  {
    name: "too few replicas are in sync",
    says: "too few replicas are in sync",
    begin: (redis) => on(redis, (client) => client.config("SET", "min-replicas-to-write", "1")),
    end: (redis) => on(redis, (client) => client.config("SET", "min-replicas-to-write", "0")),
  },
  {
    name: "the Redis user may not write",
    says: "lacks rights (ACL)",
    begin: (redis) => on(redis, (client) => client.acl("SETUSER", "default", "-zadd", "-hset", "-xadd", "-hincrby")),
    end: (redis) => on(redis, (client) => client.acl("SETUSER", "default", "+@all")),
  },
  {
    name: "keys are of another type",
    says: "has an unexpected type",
    begin: (redis, base) =>
      on(redis, async (client) => {
        for (const key of keys) {
          await client.rename(`${base}:${key}`, `${base}:aside:${key}`);
          await client.set(`${base}:${key}`, "somebody else's");
        }
      }),
    end: (redis, base) =>
      on(redis, async (client) => {
        for (const key of keys) await client.rename(`${base}:aside:${key}`, `${base}:${key}`);
      }),
  },
];

async function failToSave(redis: RedisServer): Promise<void> {
  await redis.allowDumps(false);
  await on(redis, async (client: Redis) => {
    await client.config("SET", "save", "3600 100000");
    await client.bgsave();
    while (!(await client.info("persistence")).includes("rdb_last_bgsave_status:err")) await sleep(20);
  });
}
