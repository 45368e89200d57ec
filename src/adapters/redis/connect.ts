import { Cluster, Redis, type RedisOptions } from "ioredis";

/** A client of a single Redis server or of a Cluster. */
export type Client = Redis | Cluster;

/**
 * While Redis is unreachable, a command fails at once: commands are neither queued nor resent. ioredis leaves the
 * rejection unhandled when it fails to resubscribe, so `Bus` resubscribes instead.
 */
const options = {
  autoResendUnfulfilledCommands: false,
  autoResubscribe: false,
  disableClientInfo: true, // Redis 7.0 rejects it, and that error would hide why Redis is unreachable
  enableOfflineQueue: false,
  maxRetriesPerRequest: 1,
  commandTimeout: 1_000,
  connectTimeout: 2_000,
  retryStrategy: (times) => Math.min(50 * 2 ** times, 1_000),
} satisfies RedisOptions;

/** Creates a client without connecting it. Ignores connection errors: failed calls and a silent bus reveal them. */
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
    // A failed command must not run later: its caller has moved on.
    retryDelayOnFailover: 0,
    retryDelayOnClusterDown: 0,
    maxRedirections: 5, // with a pause of 100 ms each: they end before the command times out
    redisOptions: { ...options, ...username, ...password, ...tls },
  });
  return cluster.on("+node", handleAskingErrors);
}

/**
 * While a slot moves, ioredis sends ASKING before a command and leaves its rejection unhandled. The command fails with
 * it, so the rejection can be ignored.
 */
function handleAskingErrors(node: Redis): void {
  const asking = node.asking.bind(node);
  node.asking = (): Promise<"OK"> => {
    const asked = asking();
    asked.catch(() => undefined);
    return asked;
  };
}

/** Nodes of a Cluster are discovered by address; user, password and TLS come from the first URL. */
function credentialsIn(url: string) {
  const { username, password, protocol } = new URL(url);
  return {
    username: username === "" ? {} : { username: decodeURIComponent(username) },
    password: password === "" ? {} : { password: decodeURIComponent(password) },
    tls: protocol === "rediss:" ? { tls: {} } : {},
  };
}
