import { Redis } from "ioredis";
import { randomBytes } from "node:crypto";
import { LoadBalancer } from "../cluster/support/load-balancer.js";
import type { Closer } from "../bench/redis/closing.js";
import { unpacked } from "../support/packed.js";
import { freePort } from "../support/ports.js";
import { RedisServer } from "../support/redis.js";
import { Instance } from "./instance.js";
import type { SoakRecord } from "./record.js";

const REALM = "soak";
const INSTANCES = 2;

const variables = {
  NODE_ENV: "production",
  CHALLENGE: "off",
  HOST: "127.0.0.1",
  INTERNAL_PORT: "0",
  CLIENT_URL: "http://localhost",
  TRUST_PROXY: "127.0.0.1",
  REDIS_ENABLED: "true",
  REALM,
  MAX_CONNECTIONS_PER_IP: "1000000",
  RATE_LIMIT_MAX_REQUESTS: "1000000",
  RATE_LIMIT_WINDOW_MS: "5000",
  WIDEN_AFTER_MS: "500",
  MAX_LOOP_DELAY_MS: "10000", // a collection of all garbage blocks the loop, so that new sessions would be refused
};

export interface RedisLook {
  usedBytes: number;
  rssBytes: number;
  keys: number;
}

/** Keys of one kind. */
export interface Kind {
  keys: number;
  /** Those that do not expire. */
  lasting: number;
  /** Fields of hashes and members of sorted sets. */
  entries: number;
}

/** Two instances with Redis, behind HAProxy. */
export class Service {
  private constructor(
    readonly instances: readonly Instance[],
    readonly port: number,
    private readonly redis: Redis,
  ) {}

  /** @param windowMs how long a session survives its stream */
  static async start(windowMs: number, record: SoakRecord, later: (closer: Closer) => void): Promise<Service> {
    const server = await RedisServer.start();
    later(() => server.close());
    const redis = new Redis(server.url);
    later(() => redis.quit().then(() => undefined));
    const own = { REDIS_URL: server.url, SESSION_SECRET: randomBytes(32).toString("hex") };
    const shared = { ...variables, ...own, MAX_DISCONNECTION_DURATION_MS: String(windowMs) };
    const instances: Instance[] = [];
    const urls: string[] = [];
    for (let index = 0; index < INSTANCES; index++) {
      const port = String(await freePort());
      const instance = new Instance(`instance ${String(index + 1)}`, { ...shared, PORT: port }, record);
      later(() => instance.kill());
      await instance.start();
      instances.push(instance);
      urls.push(`http://127.0.0.1:${port}`);
    }
    const balancer = await LoadBalancer.start(urls, 9_000);
    later(() => balancer.close());
    return new Service(instances, Number(new URL(balancer.url).port), redis);
  }

  async lookAtRedis(): Promise<RedisLook> {
    const memory = await this.redis.info("memory");
    const value = (name: string) => Number(new RegExp(`^${name}:(\\d+)`, "m").exec(memory)?.[1]);
    return { usedBytes: value("used_memory"), rssBytes: value("used_memory_rss"), keys: await this.redis.dbsize() };
  }

  /** The keys in Redis by kind: the part of their name after the realm. */
  async kindsOfKeys(): Promise<Map<string, Kind>> {
    const kinds = new Map<string, Kind>();
    for (const key of await this.redis.keys("*")) {
      const name = /^satoshigle:\{[^}]*\}:([^:]+)/.exec(key)?.[1] ?? key;
      const kind = kinds.get(name) ?? { keys: 0, lasting: 0, entries: 0 };
      kinds.set(name, kind);
      kind.keys++;
      kind.lasting += (await this.redis.pttl(key)) === -1 ? 1 : 0;
      kind.entries += await this.#entriesOf(key);
    }
    return kinds;
  }

  async #entriesOf(key: string): Promise<number> {
    const type = await this.redis.type(key);
    if (type === "hash") return this.redis.hlen(key);
    return type === "zset" ? this.redis.zcard(key) : 1;
  }

  /** How many sessions and matches the realm counts. */
  async counted(): Promise<number> {
    const { sessions, matches } = (await unpacked(this.redis, `satoshigle:{${REALM}}:counts`)) ?? {};
    return Math.abs(Number(sessions ?? 0)) + Math.abs(Number(matches ?? 0));
  }
}
