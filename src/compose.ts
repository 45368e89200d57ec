import { MonitoringService } from "../gen/satoshigle/internal/v1/monitoring_pb.js";
import { MatchService } from "../gen/satoshigle/v1/matching_pb.js";
import { SignalService } from "../gen/satoshigle/v1/signaling_pb.js";
import type { FastifyBaseLogger, FastifyInstance } from "fastify";
import proxyAddr from "@fastify/proxy-addr";
import { fileURLToPath } from "node:url";
import { LmdbRecords } from "./adapters/lmdb/records.js";
import { MemoryLobby } from "./adapters/memory/lobby.js";
import { MemoryMailbox } from "./adapters/memory/mailbox.js";
import { MemoryMeter } from "./adapters/memory/meter.js";
import { Realm } from "./adapters/memory/realm.js";
import { MemorySamples } from "./adapters/memory/samples.js";
import { systemChance } from "./adapters/node/chance.js";
import { systemClock } from "./adapters/node/clock.js";
import { systemMachine } from "./adapters/node/machine.js";
import { timed } from "./adapters/node/timed.js";
import { Metrics } from "./adapters/prometheus/metrics.js";
import { checkRedis } from "./adapters/redis/check.js";
import { Feeds } from "./adapters/redis/feeds.js";
import { RedisLobby } from "./adapters/redis/lobby.js";
import { RedisMailbox } from "./adapters/redis/mailbox.js";
import { Membership } from "./adapters/redis/membership.js";
import { RedisRecords } from "./adapters/redis/records.js";
import { RedisSamples } from "./adapters/redis/samples.js";
import { Store } from "./adapters/redis/store.js";
import { Matching } from "./app/matching.js";
import { Moderation } from "./app/moderation.js";
import { startReaper } from "./app/reaper.js";
import { Sessions } from "./app/sessions.js";
import { Signaling } from "./app/signaling.js";
import { Stats } from "./app/stats.js";
import { Streams } from "./app/streams.js";
import type { Config } from "./config.js";
import { isLoopback } from "./core/address.js";
import type { Lobby } from "./ports/lobby.js";
import type { Machine } from "./ports/machine.js";
import type { Mailbox } from "./ports/mailbox.js";
import type { Meter } from "./ports/meter.js";
import type { Records } from "./ports/records.js";
import type { Samples } from "./ports/samples.js";
import { createCallCount } from "./rpc/call-count.js";
import type { PublicServices } from "./rpc/commands.js";
import { createGuards } from "./rpc/guards.js";
import { healthService } from "./rpc/health.js";
import { internalListener, type InternalSettings } from "./rpc/internal-listener.js";
import { matchingService } from "./rpc/matching.js";
import { publicListener, type PublicSettings } from "./rpc/public-listener.js";
import { monitoringService } from "./rpc/monitoring.js";
import { signalingService } from "./rpc/signaling.js";

/** A server ready to listen. */
export interface Server {
  public: FastifyInstance;
  internal: FastifyInstance;
  /** Moves the streams elsewhere, then ends everything. Idempotent. */
  close(): Promise<void>;
}

/** A stream is replaced before an hour is over: proxies and load balancers like none older. */
const STREAM_LIFETIME_MS = 55 * 60_000;
/** A browser keeps up to six connections open to a host; some slack for tabs that come and go. */
const CONNECTIONS_PER_STREAM = 8;

/** Open connections per host to the internal listener. */
const INTERNAL_CONNECTIONS = 1_000;

/** Puts the parts together: the only place that knows all of them. */
export async function compose(config: Config, logger: FastifyBaseLogger): Promise<Server> {
  const clock = systemClock;
  const machine = systemMachine();
  const meter = new MemoryMeter(machine);
  const stores = config.REDIS_ENABLED ? await redisStores(config, logger, meter) : embeddedStores(config, meter);
  const settings = settingsFrom(config);
  const streams = new Streams(clock, systemChance, settings.streams);
  const stopReaper = startReaper(stores.lobby, clock, (err) => {
    logger.error({ err }, "deadlines could not be kept");
  });
  const isReady = () => !streams.draining && stores.isReady();
  const drain = once(() => streams.drain(config.DRAIN_TIMEOUT_MS));
  const { stats, metrics } = monitor({ stores, streams, meter, machine, isReady, logger });

  const app = await publicListener({
    services: publicServices(stores, streams, meter, settings),
    guards: createGuards(settings.guards, clock),
    countCall: createCallCount(meter),
    isReady,
    logger,
    settings: settings.public,
  });
  const watched = [SignalService.typeName, MatchService.typeName, MonitoringService.typeName];
  const internal = await internalListener({
    services: [monitoringService(stats, drain), healthService(watched, isReady, clock)],
    metrics,
    logger,
    settings: settings.internal,
  });

  const close = async () => {
    await drain();
    stopReaper();
    await stats.stop();
    await app.close();
    await internal.close();
    await stores.close();
    machine.close();
  };
  return { public: app, internal, close: once(close) };
}

function publicServices(
  { lobby, mailbox, records }: Stores,
  streams: Streams,
  meter: Meter,
  settings: ReturnType<typeof settingsFrom>,
): PublicServices {
  const [clock, chance] = [systemClock, systemChance];
  const sessions = new Sessions({ lobby, mailbox, streams, clock, chance, meter, settings: settings.sessions });
  const signaling = new Signaling({ lobby, clock, meter });
  const matching = new Matching({ lobby, clock, chance, settings: settings.matching });
  const moderation = new Moderation({ lobby, records, clock });
  return {
    signaling: signalingService(sessions, signaling, clock, settings.signaling),
    matching: matchingService(matching, moderation),
  };
}

interface Monitored {
  stores: Stores;
  streams: Streams;
  meter: Meter;
  machine: Machine;
  isReady: () => boolean;
  logger: FastifyBaseLogger;
}

/** What tells how the rest does. */
function monitor({ stores: { lobby, samples }, streams, meter, machine, isReady, logger }: Monitored) {
  const onError = (err: unknown) => {
    logger.error({ err }, "the store could not be asked for figures");
  };
  const stats = new Stats({ meter, machine, lobby, streams, samples, clock: systemClock, isReady, onError });
  const metrics = new Metrics({
    read: () => meter.read(),
    streams: () => streams.size,
    isReady,
    askStore: () => stats.askStore(),
  });
  return { stats, metrics };
}

/** Does something the first time; every time tells of the end of that. */
function once(act: () => Promise<void>): () => Promise<void> {
  let acting: Promise<void> | undefined;
  return () => (acting ??= act());
}

interface Stores {
  lobby: Lobby;
  mailbox: Mailbox;
  records: Records;
  samples: Samples;
  /** Whether they can serve. */
  isReady(): boolean;
  close(): Promise<void>;
}

/** The stores of a process on its own. */
function embeddedStores(config: Config, meter: Meter): Stores {
  const realm = new Realm(config.CONNECTION_TIMEOUT_MS);
  const records = timed(new LmdbRecords(config.DATA_DIR), (latencyMs) => {
    meter.asked(latencyMs);
  });
  return {
    lobby: new MemoryLobby(realm),
    mailbox: new MemoryMailbox(realm),
    records,
    samples: new MemorySamples(),
    isReady: () => true,
    close: () => records.close(),
  };
}

/** The stores that many instances share. @throws ConfigError when Redis cannot be used. */
async function redisStores(config: Config, logger: FastifyBaseLogger, meter: Meter): Promise<Stores> {
  const { REDIS_URL: urls, REALM: realm, CONNECTION_TIMEOUT_MS: handshakeMs } = config;
  const windowMs = config.MAX_DISCONNECTION_DURATION_MS;
  const node = systemChance.id();
  const onAnswer = (latencyMs: number) => {
    meter.asked(latencyMs);
  };
  const store = await Store.open({ urls, realm, handshakeMs, onAnswer }, (err) => {
    if (err === undefined) logger.info("Redis is back");
    else logger.warn({ err }, "Redis is away");
  });
  await checkRedis(store, systemClock, config.NODE_ENV === "production");
  const feeds = new Feeds();
  const membership = await Membership.join(store, node, feeds, systemClock, {
    windowMs,
    onSilence: (silentMs) => {
      if (silentMs === undefined) logger.info("the bus is heard again");
      else logger.warn({ silentMs }, "the bus is silent: Redis answers, but what it publishes does not arrive");
    },
  });
  return {
    lobby: new RedisLobby(store, node, windowMs, () => membership.canJudge),
    mailbox: new RedisMailbox(store, feeds, systemClock),
    records: new RedisRecords(store),
    samples: new RedisSamples(store, node),
    isReady: () => membership.isHealthy,
    close: async () => {
      await membership.leave();
      store.close();
    },
  };
}

/** What each part needs to know of the configuration. */
function settingsFrom(config: Config) {
  const secret = config.SESSION_SECRET;
  const resumeWindowMs = config.MAX_DISCONNECTION_DURATION_MS;
  const heartbeatMs = config.HEARTBEAT_INTERVAL_MS;
  const handshakeMs = config.CONNECTION_TIMEOUT_MS;
  const maxCalls = config.RATE_LIMIT_MAX_REQUESTS;
  const callWindowMs = config.RATE_LIMIT_WINDOW_MS;
  const allowedOrigins = [...config.CLIENT_URL, ...config.CLIENT_IP_URL];
  const ice = {
    stunUrls: config.STUN_URLS,
    turnUrls: config.TURN_URLS,
    turnSecret: config.TURN_SECRET,
    relayAlways: config.ICE_POLICY === "relay",
  };
  return {
    streams: { heartbeatMs, maxPerAddress: config.MAX_CONNECTIONS_PER_IP, lifetimeMs: STREAM_LIFETIME_MS },
    sessions: { secret, maxSessions: config.MAX_SESSIONS, resumeWindowMs, heartbeatMs },
    matching: { widenAfterMs: config.WIDEN_AFTER_MS, ice },
    signaling: { ice, handshakeMs, heartbeatMs, resumeWindowMs, maxCalls, callWindowMs },
    guards: { secret, allowedOrigins, maxCalls, callWindowMs },
    public: publicSettings(config, allowedOrigins),
    internal: internalSettings(config),
  };
}

function publicSettings(config: Config, allowedOrigins: string[]): PublicSettings {
  const isTrusted = proxyAddr.compile(config.TRUST_PROXY);
  const tls = config.TLS_CERT_FILE === "" ? undefined : { cert: config.TLS_CERT_FILE, key: config.TLS_KEY_FILE };
  return {
    server: {
      tls,
      maxConnectionsPerHost: config.MAX_CONNECTIONS_PER_IP * CONNECTIONS_PER_STREAM,
      isTrustedProxy: (address) => isTrusted(address, 0),
    },
    trustedProxies: config.TRUST_PROXY,
    allowedOrigins,
    directPath: config.DIRECT_PATH,
    openToTools: config.NODE_ENV !== "production",
    heartbeatMs: config.HEARTBEAT_INTERVAL_MS,
    page: {
      root: pageFolder(),
      rpcPrefix: config.SOCKET_PATH,
      secure: tls !== undefined || config.NODE_ENV === "production",
    },
  };
}

function internalSettings(config: Config): InternalSettings {
  const { INTERNAL_TLS_CERT_FILE: cert, INTERNAL_TLS_KEY_FILE: key, INTERNAL_TLS_CA_FILE: clientCa } = config;
  const tls = cert === "" ? undefined : { cert, key, clientCa };
  return {
    server: { tls, maxConnectionsPerHost: INTERNAL_CONNECTIONS, isTrustedProxy: () => false },
    loopbackOnly: tls === undefined && isLoopback(config.INTERNAL_HOST),
  };
}

/** Where `npm run build` puts the page, seen from `src` and from `dist/src`. */
function pageFolder(): string {
  const here = import.meta.url;
  return fileURLToPath(new URL(here.includes("/dist/src/") ? "../demo" : "../dist/demo", here));
}
