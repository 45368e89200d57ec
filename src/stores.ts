import type { FastifyBaseLogger } from "fastify";
import { openDatabase } from "./adapters/lmdb/database.js";
import { LmdbRecords } from "./adapters/lmdb/records.js";
import { LmdbTips } from "./adapters/lmdb/tips.js";
import { MemoryLobby } from "./adapters/memory/lobby.js";
import { MemoryMailbox } from "./adapters/memory/mailbox.js";
import { MemoryQuotas } from "./adapters/memory/quotas.js";
import { Realm } from "./adapters/memory/realm.js";
import { MemorySamples } from "./adapters/memory/samples.js";
import { timed } from "./adapters/node/timed.js";
import { checkRedis } from "./adapters/redis/check.js";
import { Feeds } from "./adapters/redis/feeds.js";
import { RedisLobby } from "./adapters/redis/lobby.js";
import { RedisMailbox } from "./adapters/redis/mailbox.js";
import { Membership } from "./adapters/redis/membership.js";
import { RedisQuotas } from "./adapters/redis/quotas.js";
import { RedisRecords } from "./adapters/redis/records.js";
import { RedisSamples } from "./adapters/redis/samples.js";
import { Store } from "./adapters/redis/store.js";
import { RedisTips } from "./adapters/redis/tips.js";
import type { Lobby } from "./ports/lobby.js";
import type { Mailbox } from "./ports/mailbox.js";
import type { Quotas } from "./ports/quotas.js";
import type { Records } from "./ports/records.js";
import type { Samples } from "./ports/samples.js";
import type { Tips } from "./ports/tips.js";
import { systemChance } from "./adapters/node/chance.js";
import { systemClock } from "./adapters/node/clock.js";
import type { Config } from "./config.js";
import type { Meter } from "./ports/meter.js";

/** What holds the state of the service. */
export interface Stores {
  lobby: Lobby;
  mailbox: Mailbox;
  records: Records;
  tips: Tips;
  samples: Samples;
  quotas: Quotas;
  /** Whether they can serve. */
  isReady(): boolean;
  close(): Promise<void>;
}

/** The stores that the configuration asks for. @throws ConfigError when Redis cannot be used. */
export async function openStores(config: Config, logger: FastifyBaseLogger, meter: Meter): Promise<Stores> {
  return config.REDIS_ENABLED ? redisStores(config, logger, meter) : embeddedStores(config, meter);
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
    quotas: new MemoryQuotas(),
    isReady: () => true,
    close: () => root.close(),
  };
}

/** The stores that many instances share. */
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
    quotas: new RedisQuotas(store),
    isReady: () => membership.isHealthy,
    close: async () => {
      await membership.leave();
      store.close();
    },
  };
}
