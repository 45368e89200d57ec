import type { FastifyBaseLogger } from "fastify";
import { systemRandom } from "./adapters/node/random.js";
import { steadyClock, systemClock } from "./adapters/node/clock.js";
import { RedisActions } from "./adapters/redis/action-store.js";
import { Agreement } from "./adapters/redis/agreement.js";
import { preflight, describeStrange, strangeKeys } from "./adapters/redis/preflight.js";
import { RedisChannels } from "./adapters/redis/channel-store.js";
import { RedisCases } from "./adapters/redis/case-store.js";
import { RedisCommitments } from "./adapters/redis/commitment-book.js";
import { RedisClock } from "./adapters/redis/clock.js";
import { RedisDeposits } from "./adapters/redis/deposit-store.js";
import { RedisEventLog } from "./adapters/redis/event-log.js";
import { RedisEvidence } from "./adapters/redis/evidence-store.js";
import { RedisRoster } from "./adapters/redis/roster.js";
import { RedisGuests } from "./adapters/redis/guests.js";
import { EventCache } from "./adapters/redis/event-cache.js";
import { RedisLobby } from "./adapters/redis/lobby.js";
import { RedisMailbox } from "./adapters/redis/mailbox.js";
import { Membership } from "./adapters/redis/membership.js";
import { RedisQuotas } from "./adapters/redis/quotas.js";
import { RedisSpent } from "./adapters/redis/spent-store.js";
import { RedisRecords } from "./adapters/redis/moderation-store.js";
import { RedisPeople } from "./adapters/redis/people.js";
import { isSlow, SlowRedis, type Trouble } from "./adapters/redis/refusals.js";
import { RedisSamples } from "./adapters/redis/cluster-stats.js";
import { RedisWebhooks } from "./adapters/redis/webhook-store.js";
import { ScriptRunner } from "./adapters/redis/script-runner.js";
import { RedisTips } from "./adapters/redis/tip-ledger.js";
import type { Config } from "./config.js";
import { isStoreAway } from "./core/errors.js";
import { structureOf } from "./core/matching-schema.js";
import { openNeighbours } from "./neighbours.js";
import { openMatchingSchema } from "./matching-schema.js";
import type { Meter } from "./ports/meter.js";
import type { Stores } from "./stores.js";

/** How long startup is retried while Redis responds slowly, in milliseconds. */
const START_PATIENCE_MS = 30_000;
/** The delay between two attempts, in milliseconds. */
const START_PAUSE_MS = 500;

/**
 * Opens the stores that several instances share.
 * @throws Error with instructions for the operator if Redis cannot be used
 */
export async function redisStores(config: Config, logger: FastifyBaseLogger, meter: Meter): Promise<Stores> {
  const untilMs = steadyClock.nowMs() + START_PATIENCE_MS;
  for (let isTold = false; ; isTold = true) {
    try {
      return await tryStores(config, logger, meter);
    } catch (error) {
      if (!(error instanceof SlowRedis) || steadyClock.nowMs() >= untilMs) throw error;
      if (!isTold) logger.warn("Redis responds slowly; retrying startup");
      await new Promise((resolve) => setTimeout(resolve, START_PAUSE_MS));
    }
  }
}

async function tryStores(config: Config, logger: FastifyBaseLogger, meter: Meter): Promise<Stores> {
  const { REDIS_URL: urls, REALM: realm, CONNECTION_TIMEOUT_MS: handshakeMs, EVENTS_MAX: eventsMax } = config;
  const windowMs = config.MAX_DISCONNECTION_DURATION_MS;
  const agreement = await agreementOf(config);
  const [node, eventCache, clock] = [systemRandom.id(), new EventCache(), new RedisClock(systemClock)];
  const onAnswer = (latencyMs: number) => {
    meter.storeAnswered(latencyMs);
  };
  const store = await ScriptRunner.open({ urls, realm, handshakeMs, eventsMax, onAnswer }, (trouble) => {
    logTrouble(trouble, store, logger);
  });
  const membership = await enter(store, node, eventCache, clock, agreement, config, logger);
  const neighbours = openNeighbours(config, node, agreement, logger);
  return {
    lobby: new RedisLobby(
      store,
      node,
      windowMs,
      () => membership.mayReap,
      () => membership.agrees,
    ),
    mailbox: new RedisMailbox(store, eventCache, steadyClock),
    ...recordsIn(store),
    ...viewsOf(store, node),
    neighbours,
    clock,
    clockSkewMs: () => clock.skewMs,
    isReady: () => membership.isHealthy,
    troubles: () => [
      ...[...store.health.sentences, ...membership.troubles, ...(clock.isSkewed ? [skewOf(clock)] : [])],
      ...neighbours.flatMap(({ troubles }) => troubles),
    ],
    close: async () => {
      await Promise.all(neighbours.map((neighbour) => neighbour.close()));
      await membership.leave();
      store.close();
    },
  };
}

/** The stores of what else is about sessions and nodes. */
function viewsOf(store: ScriptRunner, node: string) {
  return {
    roster: new RedisRoster(store),
    guests: new RedisGuests(store, node),
    quotas: new RedisQuotas(store),
    spent: new RedisSpent(store),
    clusterStats: new RedisSamples(store, node),
  };
}

/** The stores of what outlives sessions. */
function recordsIn(store: ScriptRunner) {
  return {
    records: new RedisRecords(store),
    actions: new RedisActions(store),
    cases: new RedisCases(store),
    evidence: new RedisEvidence(store),
    commitments: new RedisCommitments(store),
    people: new RedisPeople(store),
    tips: new RedisTips(store),
    deposits: new RedisDeposits(store),
    events: new RedisEventLog(store),
    webhooks: new RedisWebhooks(store),
    channels: new RedisChannels(store),
  };
}

async function agreementOf(config: Config): Promise<Agreement> {
  const ground = {
    realm: config.REALM,
    sessionSecret: config.SESSION_SECRET,
    lightningNetwork: config.LIGHTNING_NETWORK,
    matching: structureOf(await openMatchingSchema(config)),
  };
  return new Agreement(ground, { handshakeMs: config.CONNECTION_TIMEOUT_MS, eventsMax: config.EVENTS_MAX });
}

/** Verifies that Redis is suitable, and joins the realm. */
async function enter(
  store: ScriptRunner,
  node: string,
  eventCache: EventCache,
  clock: RedisClock,
  agreement: Agreement,
  config: Config,
  logger: FastifyBaseLogger,
): Promise<Membership> {
  try {
    await preflight(store, config.NODE_ENV === "production", (what) => {
      logger.warn(`could not be checked because the user of REDIS_URL lacks permission: ${what}`);
    });
    const clocks = { realm: clock, steady: steadyClock };
    const membership = await Membership.join(store, node, eventCache, clocks, agreement, {
      windowMs: config.MAX_DISCONNECTION_DURATION_MS,
      onSilence: (silentMs) => {
        if (silentMs === undefined) logger.info("the bus has recovered");
        else logger.warn({ silentMs }, "the bus is silent: Redis responds, but its published messages do not arrive");
      },
      onDisagreement: (names) => {
        logger.error(`this instance accepts no streams: ${agreement.explain(names)}`);
      },
      onHeartbeat: skewLogger(clock, logger),
    });
    await store.libraries.dropOthers();
    return membership;
  } catch (error) {
    store.close();
    throw reasonOf(error, store);
  }
}

/** Returns the error of a failed startup, with a description for the operator. */
function reasonOf(error: unknown, store: ScriptRunner): unknown {
  const [what] = store.health.sentences;
  const text = what ?? (error instanceof Error ? error.message : String(error));
  if (isSlow(error) || (isStoreAway(error) && store.health.isAway)) return new SlowRedis(text, { cause: error });
  return what === undefined ? error : new Error(what, { cause: error });
}

/** Logs a problem once each time it starts, and once when it is resolved. */
function logTrouble(trouble: Trouble | undefined, store: ScriptRunner, logger: FastifyBaseLogger): void {
  if (trouble === undefined) {
    logger.info("Redis is available again");
    return;
  }
  logger.warn({ code: trouble.code }, trouble.text);
  if (trouble.kind !== "damaged") return;
  const name = (keys: readonly string[] = []) => {
    if (keys.length > 0) logger.error(describeStrange(keys));
  };
  strangeKeys(store).then(name, () => undefined);
}

/** Returns a function that logs once when the machine's clock becomes skewed, and once when it is correct again. */
function skewLogger(clock: RedisClock, logger: FastifyBaseLogger): () => void {
  let wasSkewed = false;
  return () => {
    if (clock.isSkewed === wasSkewed) return;
    wasSkewed = clock.isSkewed;
    if (wasSkewed) logger.warn({ skewMs: Math.round(clock.skewMs) }, skewOf(clock));
    else logger.info("the clock of this machine matches the clock of Redis again");
  };
}

function skewOf({ skewMs }: RedisClock): string {
  const [seconds, side] = [(Math.abs(skewMs) / 1000).toFixed(1), skewMs > 0 ? "ahead of" : "behind"];
  const skew = `the clock of this machine is ${seconds} s ${side} the clock of Redis, which the realm uses`;
  return `${skew}: synchronize them (NTP)`;
}
