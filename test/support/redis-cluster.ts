import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { Redis } from "ioredis";
import { freePort } from "./ports.js";
import { RedisServer } from "./redis.js";

const PRIMARIES = 3;

/** A Redis Cluster of three primaries on loopback, by default with one replica each. */
export class RedisCluster {
  private constructor(
    readonly servers: RedisServer[],
    private readonly replicas: number,
  ) {}

  static async start(replicas = 1): Promise<RedisCluster> {
    const starts = Array.from({ length: PRIMARIES * (1 + replicas) }, async () => {
      const port = String(await freePort());
      const flags = ["--cluster-enabled", "yes", "--cluster-port", port, "--cluster-node-timeout", "2000"];
      return RedisServer.start(...flags, "--cluster-replica-validity-factor", "0", "--repl-diskless-sync-delay", "0");
    });
    const cluster = new RedisCluster(await Promise.all(starts), replicas);
    try {
      const addresses = cluster.servers.map(({ port }) => `127.0.0.1:${String(port)}`);
      const create = ["--cluster", "create", ...addresses, "--cluster-replicas", String(replicas), "--cluster-yes"];
      await promisify(execFile)("redis-cli", create);
      await cluster.#settled();
    } catch (error) {
      await cluster.close();
      throw error;
    }
    return cluster;
  }

  get urls(): string[] {
    return this.servers.map(({ url }) => url);
  }

  /** The value for REDIS_URL. */
  get url(): string {
    return this.urls.join(",");
  }

  /** The server that currently holds a key. */
  async ownerOf(key: string): Promise<RedisServer> {
    for (const server of this.servers) {
      const answer = await on(server, async (client) => {
        await client.exists(key);
        return (await client.role())[0] === "master";
      }).catch(() => false);
      if (answer) return server;
    }
    throw new Error(`no server holds ${key}`);
  }

  /** A server that replicates another. */
  async replicaOf(primary: RedisServer): Promise<RedisServer> {
    const replicas = await on(primary, (client) => client.info("replication"));
    const port = Number(/slave0:ip=[^,]+,port=(\d+)/.exec(replicas)?.[1]);
    const replica = this.servers.find((server) => server.port === port);
    if (replica === undefined) throw new Error("it has no replica");
    return replica;
  }

  /** The current primaries. */
  async primaries(): Promise<RedisServer[]> {
    const roles = this.servers.map((server) => on(server, (client) => client.role()).catch(() => []));
    const isPrimary = (await Promise.all(roles)).map(([role]) => role === "master");
    return this.servers.filter((_, index) => isPrimary[index]);
  }

  async close(): Promise<void> {
    await Promise.all(this.servers.map((server) => server.close()));
  }

  /** Waits until every node sees all slots served and all replicas are in sync. */
  async #settled(): Promise<void> {
    for (const server of this.servers) {
      await on(server, async (client) => {
        for (;;) {
          const [info, replication] = [await client.cluster("INFO"), await client.info("replication")];
          const inStep = replication.includes(`connected_slaves:${String(this.replicas)}`) || isFollowing(replication);
          if (info.includes("cluster_state:ok") && inStep) return;
          await new Promise((resolve) => setTimeout(resolve, 100));
        }
      });
    }
  }
}

/** Whether a replica is in sync with its primary. */
function isFollowing(replication: string): boolean {
  return replication.includes("role:slave") && replication.includes("master_link_status:up");
}

/** How long commands may take together, in milliseconds. A stopped process accepts connections, and never answers. */
const ANSWER_MS = 90_000;

/** Runs commands on a separate connection. */
export async function on<T>(server: RedisServer, run: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis(server.url, { lazyConnect: true, retryStrategy: () => null });
  client.on("error", () => undefined);
  const late = setTimeout(() => client.disconnect(), ANSWER_MS); // rejects what was asked
  try {
    await client.connect();
    return await run(client);
  } finally {
    clearTimeout(late);
    client.disconnect();
  }
}
