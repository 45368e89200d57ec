import { ModerationService } from "../gen/satoshigle/internal/v1/moderation_pb.js";
import { MatchService } from "../gen/satoshigle/v1/matching_pb.js";
import { SignalService } from "../gen/satoshigle/v1/signaling_pb.js";
import type { FastifyBaseLogger, FastifyInstance } from "fastify";
import proxyAddr from "@fastify/proxy-addr";
import { fileURLToPath } from "node:url";
import { LmdbRecords } from "./adapters/lmdb/records.js";
import { MemoryLobby } from "./adapters/memory/lobby.js";
import { MemoryMailbox } from "./adapters/memory/mailbox.js";
import { Realm } from "./adapters/memory/realm.js";
import { systemChance } from "./adapters/node/chance.js";
import { systemClock } from "./adapters/node/clock.js";
import { LoopLoad } from "./adapters/node/load.js";
import { checkRedis } from "./adapters/redis/check.js";
import { Feeds } from "./adapters/redis/feeds.js";
import { RedisLobby } from "./adapters/redis/lobby.js";
import { RedisMailbox } from "./adapters/redis/mailbox.js";
import { Membership } from "./adapters/redis/membership.js";
import { RedisRecords } from "./adapters/redis/records.js";
import { Store } from "./adapters/redis/store.js";
import { Bans } from "./app/bans.js";
import { Matching } from "./app/matching.js";
import { Moderation } from "./app/moderation.js";
import { startPruning } from "./app/pruning.js";
import { startReaper } from "./app/reaper.js";
import { Sessions } from "./app/sessions.js";
import { Shedding } from "./app/shedding.js";
import { Signaling } from "./app/signaling.js";
import { Streams } from "./app/streams.js";
import type { Config } from "./config.js";
import { addressKeys } from "./core/address-key.js";
import type { Lobby } from "./ports/lobby.js";
import type { Mailbox } from "./ports/mailbox.js";
import type { Records } from "./ports/records.js";
import { createGuards } from "./rpc/guards.js";
import { healthService } from "./rpc/health.js";
import { internalListener } from "./rpc/internal-listener.js";
import { matchingService } from "./rpc/matching.js";
import { moderationService } from "./rpc/moderation.js";
import { publicListener, type PublicSettings } from "./rpc/public-listener.js";
import type { ServerSettings } from "./rpc/server.js";
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

const publicServices = [SignalService, MatchService];

/** Open connections per host to the internal listener. */
const INTERNAL_CONNECTIONS = 1_000;

/** Puts the parts together: the only place that knows all of them. */
export async function compose(config: Config, logger: FastifyBaseLogger): Promise<Server> {
  const clock = systemClock;
  const stores = config.REDIS_ENABLED ? await redisStores(config, logger) : embeddedStores(config);
  const settings = settingsFrom(config);
  const { streams, shedding, bans, sessions, signaling, matching, moderation } = await useCases(config, stores, logger);
  const stopUpkeep = startUpkeep(stores, logger);

  const isReady = () => !streams.draining && stores.isReady();
  const app = await publicListener({
    services: {
      signaling: signalingService({ sessions, signaling, bans, clock, settings: settings.signaling }),
      matching: matchingService(matching, moderation),
    },
    guards: createGuards(settings.guards, clock),
    isReady,
    logger,
    settings: settings.public,
  });
  const health = healthService(
    [...publicServices, ModerationService].map(({ typeName }) => typeName),
    isReady,
    clock,
  );
  const internal = await internalListener({
    services: [health, moderationService(moderation)],
    logger,
    server: settings.internalServer,
  });

  const close = async () => {
    await streams.drain(config.DRAIN_TIMEOUT_MS);
    stopUpkeep();
    bans.stop();
    shedding.stop();
    await app.close();
    await internal.close();
    await stores.close();
  };
  let closing: Promise<void> | undefined;
  return { public: app, internal, close: () => (closing ??= close()) };
}

/** What the server can do, whoever asks for it. */
async function useCases(config: Config, { lobby, mailbox, records }: Stores, logger: FastifyBaseLogger) {
  const [clock, chance, settings] = [systemClock, systemChance, settingsFrom(config)];
  const streams = new Streams(clock, chance, settings.streams);
  const keyOf = addressKeys(config.SESSION_SECRET);
  const onError = (err: unknown) => {
    logger.error({ err }, "bans could not be kept up to date");
  };
  const bans = await Bans.start({ lobby, records, clock, keyOf, onError });
  const shedding = new Shedding(new LoopLoad(), chance, config.MAX_LOOP_DELAY_MS);
  const parts = { lobby, mailbox, streams, shedding, bans, clock, chance, settings: settings.sessions };
  const sessions = new Sessions(parts);
  const signaling = new Signaling({ lobby, clock });
  const matching = new Matching({ lobby, bans, clock, chance, settings: settings.matching });
  const moderation = new Moderation({ lobby, records, bans, clock, rules: settings.bans });
  return { streams, shedding, bans, sessions, signaling, matching, moderation };
}

/** Keeps deadlines and forgets what is old. Returns how to stop. */
function startUpkeep({ lobby, records }: Stores, logger: FastifyBaseLogger): () => void {
  const stopReaper = startReaper(lobby, systemClock, (err) => {
    logger.error({ err }, "deadlines could not be kept");
  });
  const stopPruning = startPruning(records, systemClock, (err) => {
    logger.error({ err }, "old records could not be forgotten");
  });
  return () => {
    stopReaper();
    stopPruning();
  };
}

interface Stores {
  lobby: Lobby;
  mailbox: Mailbox;
  records: Records;
  /** Whether they can serve. */
  isReady(): boolean;
  close(): Promise<void>;
}

/** The stores of a process on its own. */
function embeddedStores(config: Config): Stores {
  const realm = new Realm(config.CONNECTION_TIMEOUT_MS);
  const records = new LmdbRecords(config.DATA_DIR);
  return {
    lobby: new MemoryLobby(realm),
    mailbox: new MemoryMailbox(realm),
    records,
    isReady: () => true,
    close: () => records.close(),
  };
}

/** The stores that many instances share. @throws ConfigError when Redis cannot be used. */
async function redisStores(config: Config, logger: FastifyBaseLogger): Promise<Stores> {
  const { REDIS_URL: urls, REALM: realm, CONNECTION_TIMEOUT_MS: handshakeMs } = config;
  const windowMs = config.MAX_DISCONNECTION_DURATION_MS;
  const node = systemChance.id();
  const store = await Store.open({ urls, realm, handshakeMs }, (err) => {
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
    bans: { afterReports: config.BAN_AFTER_REPORTS, durationMs: config.BAN_DURATION_MS },
    guards: { secret, allowedOrigins, maxCalls, callWindowMs },
    public: publicSettings(config, allowedOrigins),
    internalServer: internalServerSettings(config),
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

function internalServerSettings(config: Config): ServerSettings {
  const { INTERNAL_TLS_CERT_FILE: cert, INTERNAL_TLS_KEY_FILE: key, INTERNAL_TLS_CA_FILE: clientCa } = config;
  const tls = cert === "" ? undefined : { cert, key, clientCa };
  return { tls, maxConnectionsPerHost: INTERNAL_CONNECTIONS, isTrustedProxy: () => false };
}

/** Where `npm run build` puts the page, seen from `src` and from `dist/src`. */
function pageFolder(): string {
  const here = import.meta.url;
  return fileURLToPath(new URL(here.includes("/dist/src/") ? "../demo" : "../dist/demo", here));
}
