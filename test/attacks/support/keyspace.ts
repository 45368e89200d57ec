import { Redis } from "ioredis";
import { RedisServer } from "../../support/redis.js";
import { unpacked } from "../../support/packed.js";

/** Keys of a realm without clients, without their prefix. */
const declared: readonly RegExp[] = [
  /^(counts?|nodes|bus|samples)$/, // counters, and live instances
  /^closed:/, // why a session was closed; these expire
  /^(records|reports|bans|actions|cases|audit|person|people|tips)(:|$)/, // persistent records
  /^parted$/, // who is kept apart; expires
  /^(events|webhooks)(:|$)/, // the log, and how far the receivers of webhooks are
  /^channels(:|$)/, // commands to the operator's node; the budgets of days expire
  /^counted(:|$)/, // whom a network's reports count against; these expire
  /^spent$/, // solutions of challenges that were used; expires with the last
  /^quota:/, // TURN credentials issued to an address; these expire
  /^agreement$/, // what the instances of the realm agree on; expires with their leases
];
/** Those of them that must expire. */
const passing = /^(closed|counted|parted|samples|spent|quota|agreement|tips:networks|webhooks:lease|channels:day)(:|$)/;

/** The Redis of the attacked server, and its keys. */
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

  /** Undeclared keys, and keys that should expire and do not. Empty when all clients are gone. */
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

  /** The number of keys. */
  size(): Promise<number> {
    return this.client.dbsize();
  }

  /** The counters of sessions, waiting sessions and matches of a realm. */
  async counters(): Promise<Record<string, number>> {
    const counts = (await unpacked(this.client, "satoshigle:{main}:counts")) ?? {};
    return Object.fromEntries(["sessions", "waiting", "matches"].map((name) => [name, Number(counts[name] ?? 0)]));
  }

  /** The number of commands that Redis has executed, including those of scripts. */
  async commands(): Promise<number> {
    const stats = await this.client.info("commandstats");
    return [...stats.matchAll(/:calls=(\d+)/g)].reduce((sum, [, calls]) => sum + Number(calls), 0);
  }

  async close(): Promise<void> {
    this.client.disconnect();
    await this.server.close();
  }
}
