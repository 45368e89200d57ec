import type { Transport } from "@connectrpc/connect";
import type { Redis } from "ioredis";
import { ServerProcess } from "../../e2e/support/server-process.js";
import { transportTo } from "../../support/test-client.js";
import { RedisCluster, on } from "../../support/redis-cluster.js";
import { RedisServer } from "../../support/redis.js";

export interface FleetOptions {
  /** How many instances share the lobby; three by default. */
  instances?: number;
  /** Further flags of the Redis, such as `--appendonly yes`. */
  redisFlags?: string[];
  /** The Redis URL of each instance, if it is not the server itself. */
  prepare?: (redis: RedisServer) => Promise<string[]>;
  variables?: Record<string, string>;
  /** Further variables of single instances. */
  only?: Record<string, string>[];
}

export interface ClusterFleetOptions extends Pick<FleetOptions, "instances" | "variables" | "only"> {
  /** Replicas of each primary; one by default. */
  replicas?: number;
  /** The Redis URLs of all instances, if they are not the servers themselves. */
  prepare?: (cluster: RedisCluster) => Promise<string>;
}

/** Variables for instances with high limits that detect failures quickly. */
export const clusterVariables = {
  NODE_ENV: "test",
  CHALLENGE: "off",
  REDIS_ENABLED: "true",
  SESSION_SECRET: "a secret that every instance of the fleet knows",
  REALM: "fleet",
  MAX_CONNECTIONS_PER_IP: "10000",
  RATE_LIMIT_MAX_REQUESTS: "1000000",
  HEARTBEAT_INTERVAL_MS: "1000",
  CONNECTION_TIMEOUT_MS: "60000",
  LOG_LEVEL: "info",
};

/** The prefix of all keys of the fleet. */
export const realmKey = "satoshigle:{fleet}";

/** A Redis server or a Cluster, with several instances. */
export class Fleet {
  readonly instances: ServerProcess[] = [];

  private constructor(private readonly place: RedisServer | RedisCluster) {}

  static async start({ redisFlags = [], ...options }: FleetOptions = {}): Promise<Fleet> {
    const redis = await RedisServer.start(...redisFlags);
    const redisUrls = await options.prepare?.(redis);
    return new Fleet(redis).#launch(options, (index) => redisUrls?.[index] ?? redis.url);
  }

  static async startOnCluster({ replicas, prepare, ...options }: ClusterFleetOptions = {}): Promise<Fleet> {
    const cluster = await RedisCluster.start(replicas);
    const url = (await prepare?.(cluster)) ?? cluster.url;
    return new Fleet(cluster).#launch(options, () => url);
  }

  get redis(): RedisServer {
    if (this.place instanceof RedisCluster) throw new Error("the fleet is on a Cluster");
    return this.place;
  }

  get cluster(): RedisCluster {
    if (this.place instanceof RedisServer) throw new Error("the fleet is on one Redis");
    return this.place;
  }

  get urls(): string[] {
    return this.instances.map(({ url }) => url);
  }

  instance(index: number): ServerProcess {
    const instance = this.instances[index];
    if (instance === undefined) throw new Error(`there is no instance ${String(index)}`);
    return instance;
  }

  /** The URL of an instance's internal listener. */
  internalUrl(index: number): string {
    return (
      /http:\/\/127\.0\.0\.1:\d+/.exec(/internal services on \S+/.exec(this.instance(index).output)?.[0] ?? "")?.[0] ??
      ""
    );
  }

  /** A transport to an instance. */
  transport(index: number): Transport {
    return transportTo(this.instance(index).url.replace("localhost", "127.0.0.1"));
  }

  /** Whether an instance is ready to accept streams. */
  async isReady(index: number): Promise<boolean> {
    return (await fetch(`${this.instance(index).url}/readyz`)).status === 200;
  }

  /** Runs commands on a separate connection to the server that holds the realm. */
  async command<T>(run: (client: Redis) => Promise<T>): Promise<T> {
    const server = this.place instanceof RedisServer ? this.place : await this.place.ownerOf(realmKey);
    return on(server, run);
  }

  async close(): Promise<void> {
    await Promise.all(this.instances.map((instance) => instance.close()));
    await this.place.close();
  }

  async #launch(
    { instances = 3, variables = {}, only = [] }: FleetOptions,
    urlFor: (index: number) => string,
  ): Promise<this> {
    const starts = Array.from({ length: instances }, (_, index) =>
      ServerProcess.start({ ...clusterVariables, REDIS_URL: urlFor(index), ...variables, ...only[index] }),
    );
    const results = await Promise.allSettled(starts);
    for (const result of results) if (result.status === "fulfilled") this.instances.push(result.value);
    const failed = results.find((result) => result.status === "rejected");
    if (failed === undefined) return this;
    await this.close();
    throw failed.reason;
  }
}
