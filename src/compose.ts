import { ModerationService } from "../gen/satoshigle/internal/v1/moderation_pb.js";
import { MonitoringService } from "../gen/satoshigle/internal/v1/monitoring_pb.js";
import { MatchService } from "../gen/satoshigle/v1/matching_pb.js";
import { SignalService } from "../gen/satoshigle/v1/signaling_pb.js";
import type { FastifyBaseLogger, FastifyInstance } from "fastify";
import { openDatabase } from "./adapters/lmdb/database.js";
import { LmdbRecords } from "./adapters/lmdb/records.js";
import { LmdbTips } from "./adapters/lmdb/tips.js";
import { MemoryLobby } from "./adapters/memory/lobby.js";
import { MemoryMailbox } from "./adapters/memory/mailbox.js";
import { MemoryMeter } from "./adapters/memory/meter.js";
import { Realm } from "./adapters/memory/realm.js";
import { MemorySamples } from "./adapters/memory/samples.js";
import { systemChance } from "./adapters/node/chance.js";
import { systemClock } from "./adapters/node/clock.js";
import { LoopLoad } from "./adapters/node/load.js";
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
import { RedisTips } from "./adapters/redis/tips.js";
import { Bans } from "./app/bans.js";
import { Matching } from "./app/matching.js";
import { Moderation } from "./app/moderation.js";
import { startPruning } from "./app/pruning.js";
import { startReaper } from "./app/reaper.js";
import { Sessions } from "./app/sessions.js";
import { Shedding } from "./app/shedding.js";
import { Signaling } from "./app/signaling.js";
import { Stats } from "./app/stats.js";
import { Streams } from "./app/streams.js";
import type { Config } from "./config.js";
import { addressKeys } from "./core/address-key.js";
import type { Lobby } from "./ports/lobby.js";
import type { Machine } from "./ports/machine.js";
import type { Mailbox } from "./ports/mailbox.js";
import type { Meter } from "./ports/meter.js";
import type { Records } from "./ports/records.js";
import type { Samples } from "./ports/samples.js";
import type { Tips } from "./ports/tips.js";
import { createCallCount } from "./rpc/call-count.js";
import { createGuards } from "./rpc/guards.js";
import { healthService } from "./rpc/health.js";
import { internalListener } from "./rpc/internal-listener.js";
import { matchingService } from "./rpc/matching.js";
import { moderationService } from "./rpc/moderation.js";
import { monitoringService } from "./rpc/monitoring.js";
import { publicListener } from "./rpc/public-listener.js";
import { signalingService } from "./rpc/signaling.js";
import { settingsFrom } from "./settings.js";

/** A server ready to listen. */
export interface Server {
  public: FastifyInstance;
  internal: FastifyInstance;
  /** Moves the streams elsewhere, then ends everything. Idempotent. */
  close(): Promise<void>;
}

/** Whose health is told, each by its name. */
const watched = [SignalService, MatchService, MonitoringService, ModerationService].map(({ typeName }) => typeName);

/** Puts the parts together: the only place that knows all of them. */
export async function compose(config: Config, logger: FastifyBaseLogger): Promise<Server> {
  const clock = systemClock;
  const machine = systemMachine();
  const meter = new MemoryMeter(machine);
  const settings = settingsFrom(config);
  const stores = config.REDIS_ENABLED ? await redisStores(config, logger, meter) : embeddedStores(config, meter);
  const app = await useCases(config, stores, meter, logger);
  const stopUpkeep = startUpkeep(stores, logger);
  const isReady = () => !app.streams.draining && stores.isReady();
  const { stats, metrics } = monitor({ stores, ...app, meter, machine, isReady, logger });
  const drain = once(() => app.streams.drain(config.DRAIN_TIMEOUT_MS));

  const open = await publicListener({
    services: {
      signaling: signalingService({ ...app, clock, settings: settings.signaling }),
      matching: matchingService(app.matching, app.moderation),
    },
    guards: createGuards(settings.guards, clock),
    countCall: createCallCount(meter),
    isReady,
    logger,
    settings: settings.public,
  });
  const health = healthService(watched, isReady, clock);
  const internal = await internalListener({
    services: [monitoringService(stats, drain), moderationService(app.moderation), health],
    metrics,
    logger,
    settings: settings.internal,
  });

  const close = async () => {
    await drain();
    stopUpkeep();
    app.stop();
    await stats.stop();
    await Promise.all([open.close(), internal.close()]);
    await stores.close();
    machine.close();
  };
  return { public: open, internal, close: once(close) };
}

/** What the server can do, whoever asks for it. */
async function useCases(config: Config, stores: Stores, meter: Meter, logger: FastifyBaseLogger) {
  const { lobby, mailbox, records } = stores;
  const [clock, chance, settings] = [systemClock, systemChance, settingsFrom(config)];
  const streams = new Streams(clock, chance, settings.streams);
  const keyOf = addressKeys(config.SESSION_SECRET);
  const onError = (err: unknown) => {
    logger.error({ err }, "bans could not be kept up to date");
  };
  const bans = await Bans.start({ lobby, records, clock, keyOf, onError });
  const shedding = new Shedding(new LoopLoad(), chance, meter, config.MAX_LOOP_DELAY_MS);
  const parts = { lobby, mailbox, streams, shedding, bans, clock, chance, meter, settings: settings.sessions };
  return {
    streams,
    bans,
    sessions: new Sessions(parts),
    signaling: new Signaling({ lobby, clock, meter }),
    matching: new Matching({ lobby, bans, clock, chance, settings: settings.matching }),
    moderation: new Moderation({ lobby, records, bans, clock, rules: settings.bans }),
    stop: () => {
      bans.stop();
      shedding.stop();
    },
  };
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

interface Monitored {
  stores: Stores;
  bans: Bans;
  streams: Streams;
  meter: Meter;
  machine: Machine;
  isReady: () => boolean;
  logger: FastifyBaseLogger;
}

/** What tells how the rest does. */
function monitor({ stores: { lobby, samples }, bans, streams, meter, machine, isReady, logger }: Monitored) {
  const onError = (err: unknown) => {
    logger.error({ err }, "the store could not be asked for figures");
  };
  const stats = new Stats({ meter, machine, lobby, bans, streams, samples, clock: systemClock, isReady, onError });
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
  tips: Tips;
  samples: Samples;
  /** Whether they can serve. */
  isReady(): boolean;
  close(): Promise<void>;
}

/** The stores of a process on its own. */
function embeddedStores(config: Config, meter: Meter): Stores {
  const realm = new Realm(config.CONNECTION_TIMEOUT_MS);
  const root = openDatabase(config.DATA_DIR);
  const onAnswer = (latencyMs: number) => {
    meter.asked(latencyMs);
  };
  return {
    lobby: new MemoryLobby(realm),
    mailbox: new MemoryMailbox(realm),
    records: timed(new LmdbRecords(root), onAnswer),
    tips: timed(new LmdbTips(root), onAnswer),
    samples: new MemorySamples(),
    isReady: () => true,
    close: () => root.close(),
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
    tips: new RedisTips(store),
    samples: new RedisSamples(store, node),
    isReady: () => membership.isHealthy,
    close: async () => {
      await membership.leave();
      store.close();
    },
  };
}
