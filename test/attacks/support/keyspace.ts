import { Redis } from "ioredis";
import { RedisServer } from "../../support/redis.js";

/** What a realm holds in Redis while nobody is there, by what comes after its prefix. */
const declared: readonly RegExp[] = [
  /^(count|nodes|bus|samples)$/, // counters, and the instance that lives
  /^closed:/, // why a session was closed, for a stream that still asks: these expire
  /^(records|reports|bans|tips)(:|$)/, // what is to last
  /^counted(:|$)/, // whom a network's reports count against: these expire
  /^quota:/, // relay credentials given to an address: these expire
  /^agreement$/, // what the instances of the realm agree on: expires with their leases
];
/** Those of them that must expire by themselves. */
const passing = /^(closed|counted|samples|quota|agreement|tips:networks)(:|$)/;

/** A Redis of the attacked server's own, and what is in it. */
export class Keyspace {
  private constructor(
    private readonly server: RedisServer,
    private readonly client: Redis,
  ) {}

  static async start(): Promise<Keyspace> {
    const server = await RedisServer.start();
    return new Keyspace(server, new Redis(server.url));
  }

  get url(): string {
    return this.server.url;
  }

  /** Every key that is nothing declared, or should expire and does not. Empty when everyone is gone. */
  async undeclared(): Promise<string[]> {
    const keys = await this.client.keys("*");
    const left = await Promise.all(
      keys.map(async (key) => {
        const name = key.replace(/^satoshigle:\{\w+\}:/, "");
        if (!declared.some((pattern) => pattern.test(name))) return [key];
        return passing.test(name) && (await this.client.ttl(key)) === -1 ? [`${key} does not expire`] : [];
      }),
    );
    return left.flat().sort();
  }

  /** How many keys there are. */
  size(): Promise<number> {
    return this.client.dbsize();
  }

  /** The counters of a realm that say how many sessions, waiting ones and matches there are. */
  async counters(): Promise<Record<string, number>> {
    const counts = await this.client.hgetall("satoshigle:{main}:count");
    return Object.fromEntries(["sessions", "waiting", "matches"].map((name) => [name, Number(counts[name] ?? 0)]));
  }

  /** How many commands Redis has carried out so far, those of scripts included. */
  async commands(): Promise<number> {
    const told = await this.client.info("commandstats");
    return [...told.matchAll(/:calls=(\d+)/g)].reduce((sum, [, calls]) => sum + Number(calls), 0);
  }

  async close(): Promise<void> {
    this.client.disconnect();
    await this.server.close();
  }
}
