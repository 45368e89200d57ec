import { ModerationService } from "../gen/satoshigle/internal/v1/moderation_pb.js";
import { MonitoringService } from "../gen/satoshigle/internal/v1/monitoring_pb.js";
import { PaymentService } from "../gen/satoshigle/internal/v1/payment_pb.js";
import { MatchService } from "../gen/satoshigle/v1/matching_pb.js";
import { SignalService } from "../gen/satoshigle/v1/signaling_pb.js";
import { TipService } from "../gen/satoshigle/v1/tipping_pb.js";
import { setTimeout } from "node:timers/promises";
import type { FastifyBaseLogger, FastifyInstance } from "fastify";
import { MemoryMeter } from "./adapters/metrics/meter.js";
import { systemRandom } from "./adapters/node/random.js";
import { LoopLoad } from "./adapters/node/load.js";
import { systemMachine } from "./adapters/node/machine.js";
import { Metrics } from "./adapters/metrics/prometheus.js";
import { Bans } from "./app/bans.js";
import { Matching } from "./app/matching.js";
import { Relaying } from "./app/ice.js";
import { Moderation } from "./app/moderation.js";
import { startPruning } from "./app/pruning.js";
import { Payments } from "./app/payments.js";
import { startReaper } from "./app/reaper.js";
import { Sessions } from "./app/sessions.js";
import { InstanceLifecycle } from "./app/instance-lifecycle.js";
import { LoadShedder } from "./app/load-shedder.js";
import { Signaling } from "./app/signaling.js";
import { Stats } from "./app/stats.js";
import { Streams } from "./app/streams.js";
import { startTipUpkeep } from "./app/tip-upkeep.js";
import { Tipping } from "./app/tipping.js";
import type { Config } from "./config.js";
import { addressKeys } from "./core/address-key.js";
import { isStoreAway } from "./core/errors.js";
import type { SessionId } from "./core/ids.js";
import type { Tip } from "./core/tip.js";
import type { Clock } from "./ports/clock.js";
import type { Machine } from "./ports/machine.js";
import type { Meter } from "./ports/meter.js";
import { createCallCount } from "./rpc/interceptors/metrics.js";
import { createAuthenticator } from "./rpc/admission/authenticate.js";
import { healthService } from "./rpc/services/health.js";
import { internalListener } from "./rpc/internal-listener.js";
import { matchingService } from "./rpc/services/matching.js";
import { moderationService } from "./rpc/services/moderation.js";
import { monitoringService } from "./rpc/services/monitoring.js";
import { paymentService } from "./rpc/services/payment.js";
import { publicListener } from "./rpc/public-listener.js";
import { signalingService } from "./rpc/services/signaling.js";
import { tippingService } from "./rpc/services/tipping.js";
import { settingsFrom } from "./settings.js";
import { openStores, type Stores } from "./stores.js";

/** A server ready to listen. */
export interface Server {
  public: FastifyInstance;
  internal: FastifyInstance;
  /** Moves the streams elsewhere, then ends everything. Idempotent. */
  close(): Promise<void>;
}

/** Whose health is told, each by its name. */
const watched = [
  ...[SignalService, MatchService, TipService],
  ...[MonitoringService, ModerationService, PaymentService],
].map(({ typeName }) => typeName);

/** Puts the parts together: the only place that knows all of them. */
export async function compose(config: Config, logger: FastifyBaseLogger): Promise<Server> {
  const machine = systemMachine();
  const meter = new MemoryMeter(machine);
  const settings = settingsFrom(config);
  const stores = await openStores(config, logger, meter);
  const { clock } = stores;
  const app = await useCases(config, stores, meter, logger);
  const stopUpkeep = startUpkeep(stores, app.payments, logger);
  const isReady = () => !app.streams.draining && stores.isReady();
  const { stats, metrics } = monitor({ stores, ...app, meter, machine, isReady, logger });
  const instance = new InstanceLifecycle(app.streams, config.DRAIN_TIMEOUT_MS);

  const open = await publicListener({
    services: publicServices(app, clock, settings),
    guards: createAuthenticator(settings.guards, clock),
    countCall: createCallCount(meter),
    isReady,
    troubles: () => stores.troubles(),
    logger,
    settings: settings.public,
  });
  const health = healthService(watched, isReady, clock);
  const monitoring = monitoringService(stats, instance);
  const services = [monitoring, moderationService(app.moderation), paymentService(app.payments), health];
  const internal = await internalListener({ services, metrics, logger, settings: settings.internal });

  const close = async () => {
    await instance.stop();
    stopUpkeep();
    app.stop();
    await stats.stop();
    await Promise.all([open.close(), internal.close()]);
    await stores.close();
    machine.close();
  };
  return { public: open, internal, close: once(close) };
}

/** The public API, as plain functions. */
function publicServices(
  app: Awaited<ReturnType<typeof useCases>>,
  clock: Clock,
  settings: ReturnType<typeof settingsFrom>,
) {
  return {
    signaling: signalingService({ ...app, clock, settings: settings.signaling }),
    matching: matchingService(app.matching, app.moderation),
    tipping: tippingService(app.tipping),
  };
}

/** What the server can do, whoever asks for it. */
async function useCases(config: Config, stores: Stores, meter: Meter, logger: FastifyBaseLogger) {
  const { lobby, mailbox, records, tips, quotas, clock } = stores;
  const [chance, settings] = [systemRandom, settingsFrom(config)];
  const streams = new Streams(clock, chance, settings.streams);
  const keys = addressKeys(config.SESSION_SECRET);
  const onError = (err: unknown) => {
    logger.error({ err }, "bans could not be kept up to date");
  };
  const bans = await startBans({ lobby, records, clock, keys, onError });
  const shedding = new LoadShedder(new LoopLoad(), chance, meter, config.MAX_LOOP_DELAY_MS);
  const payments = new Payments(tips, clock, meter);
  const onChange = (tip: Tip) => {
    payments.noteChange(tip);
  };
  const tipping = new Tipping({ tips, lobby, clock, ...settings.tipping, onChange });
  const giveUpTips = (sessionId: SessionId, partnerId: SessionId) => tipping.giveUpBetween(sessionId, partnerId);
  const parts = { lobby, mailbox, tips, streams, shedding, bans, clock, chance, meter, settings: settings.sessions };
  return {
    streams,
    bans,
    sessions: new Sessions(parts),
    signaling: new Signaling({ lobby, clock, meter }),
    relaying: new Relaying({ lobby, quotas, bans, clock, settings: settings.signaling.ice }),
    matching: new Matching({ lobby, bans, clock, chance, settings: settings.matching }),
    moderation: new Moderation({ lobby, records, bans, clock, rules: settings.bans, giveUpTips }),
    tipping,
    payments,
    stop: () => {
      bans.stop();
      shedding.stop();
    },
  };
}

/** How often the bans are asked for at a start while the store is away, and after what pause, in milliseconds. */
const [BANS_TRIES, BANS_PAUSE_MS] = [20, 500];

/** Nobody is let in before the bans are known. A store that is slow for a moment is no reason to refuse the start. */
async function startBans(parts: Parameters<typeof Bans.start>[0]): Promise<Bans> {
  for (let tries = 1; ; tries++) {
    try {
      return await Bans.start(parts);
    } catch (error) {
      if (!isStoreAway(error) || tries >= BANS_TRIES) throw error;
      await setTimeout(BANS_PAUSE_MS);
    }
  }
}

/** Keeps deadlines and forgets what is old. Returns how to stop. */
function startUpkeep(
  { lobby, records, tips, clock }: Stores,
  payments: Payments,
  logger: FastifyBaseLogger,
): () => void {
  const stopReaper = startReaper(lobby, clock, (err) => {
    logger.error({ err }, "deadlines could not be kept");
  });
  const stopTips = startTipUpkeep({
    ...{ tips, lobby, clock },
    onChange: (tip) => {
      payments.noteChange(tip);
    },
    onError: (err) => {
      logger.error({ err }, "tips could not be kept up to date");
    },
  });
  const stopPruning = startPruning(records, tips, clock, (err) => {
    logger.error({ err }, "old records could not be forgotten");
  });
  return () => {
    stopReaper();
    stopTips();
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
function monitor({ stores, bans, streams, meter, machine, isReady, logger }: Monitored) {
  const onError = (err: unknown) => {
    logger.error({ err }, "the store could not be asked for figures");
  };
  const { lobby, samples, clock } = stores;
  const stats = new Stats({ meter, machine, lobby, bans, streams, samples, clock, isReady, onError });
  const metrics = new Metrics({
    read: () => meter.read(),
    streams: () => streams.size,
    isReady,
    troubles: () => stores.troubles().length,
    clockSkewMs: () => stores.clockSkewMs(),
    askStore: () => stats.askStore(),
  });
  return { stats, metrics };
}

/** Does something the first time; every time tells of the end of that. */
function once(act: () => Promise<void>): () => Promise<void> {
  let acting: Promise<void> | undefined;
  return () => (acting ??= act());
}
