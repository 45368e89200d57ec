import { Cluster, Redis, type RedisOptions } from "ioredis";

/** One Redis, or several servers of a Cluster. */
export type Client = Redis | Cluster;

/**
 * A command fails at once while Redis is away: nothing waits, and nothing is sent twice without our knowing. The library
 * subscribes again with a promise that it drops, and a dropped promise that fails is nobody's: `Bus` subscribes by itself.
 */
const options = {
  autoResendUnfulfilledCommands: false,
  autoResubscribe: false,
  disableClientInfo: true, // Redis 7.0 refuses it, and what it says then hides why it cannot be reached
  enableOfflineQueue: false,
  maxRetriesPerRequest: 1,
  commandTimeout: 1_000,
  connectTimeout: 2_000,
  retryStrategy: (times) => Math.min(50 * 2 ** times, 1_000),
} satisfies RedisOptions;

/** A client that is yet to connect. What breaks it is not told of: its silence is. */
export function createClient(urls: readonly string[]): Client {
  const client = urls.length > 1 ? clusterOf(urls) : new Redis(urls[0] ?? "", { ...options, lazyConnect: true });
  client.on("error", () => undefined);
  return client;
}

function clusterOf(urls: readonly string[]): Cluster {
  const { username, password, tls } = credentialsIn(urls[0] ?? "");
  const cluster = new Cluster([...urls], {
    enableOfflineQueue: false,
    lazyConnect: true,
    shardedSubscribers: true,
    slotsRefreshTimeout: 2_000,
    clusterRetryStrategy: options.retryStrategy,
    // What has failed must not be carried out later, when its caller has long done something else.
    retryDelayOnFailover: 0,
    retryDelayOnClusterDown: 0,
    maxRedirections: 5, // with a pause of 100 ms each: over before a command times out
    redisOptions: { ...options, ...username, ...password, ...tls },
  });
  return cluster.on("+node", mindAsking);
}

/** While a slot moves, the library sends ASKING ahead of a command and drops its promise; the command fails with it. */
function mindAsking(node: Redis): void {
  const asking = node.asking.bind(node);
  node.asking = (): Promise<"OK"> => {
    const asked = asking();
    asked.catch(() => undefined);
    return asked;
  };
}

/** A Cluster's nodes are found by address; user, password and TLS are those of the first URL. */
function credentialsIn(url: string) {
  const { username, password, protocol } = new URL(url);
  return {
    username: username === "" ? {} : { username: decodeURIComponent(username) },
    password: password === "" ? {} : { password: decodeURIComponent(password) },
    tls: protocol === "rediss:" ? { tls: {} } : {},
  };
}
