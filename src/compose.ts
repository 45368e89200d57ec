import type { FastifyBaseLogger, FastifyInstance } from "fastify";
import { ProofOfWork } from "./adapters/altcha/proof-of-work.js";
import { MemoryMeter } from "./adapters/metrics/meter.js";
import { Metrics } from "./adapters/metrics/prometheus.js";
import { systemProcessStats } from "./adapters/node/process-stats.js";
import { systemRandom } from "./adapters/node/random.js";
import { Actions } from "./app/actions.js";
import { Arrivals } from "./app/arrivals.js";
import { Appeals } from "./app/appeals.js";
import type { Bans } from "./app/bans.js";
import { Cases } from "./app/cases.js";
import type { Channels } from "./app/channels.js";
import { Challenges } from "./app/challenges.js";
import { ClientProblems } from "./app/client-problems.js";
import { CrowdLimit } from "./app/crowd-limit.js";
import type { Deposits } from "./app/deposits.js";
import { Departures } from "./app/departures.js";
import { Diagnostics } from "./app/diagnostics.js";
import type { Enforcement } from "./app/enforcement.js";
import { Evidence } from "./app/evidence.js";
import { RelayCredentials } from "./app/ice.js";
import { InstanceLifecycle } from "./app/instance-lifecycle.js";
import { LoadShedder } from "./app/load-shedder.js";
import { Matching } from "./app/matching.js";
import { Moderation } from "./app/moderation.js";
import type { Overflow } from "./app/overflow/overflow.js";
import { STREAM_PACE } from "./app/pace.js";
import { Payments } from "./app/payments.js";
import { Sessions } from "./app/sessions.js";
import { Signaling } from "./app/signaling.js";
import { Stats } from "./app/stats.js";
import { Streams } from "./app/streams.js";
import { Tipping } from "./app/tipping.js";
import type { Webhooks } from "./app/webhooks.js";
import { createChannels, nodeMetrics } from "./channels.js";
import { problemLog } from "./client-problem-log.js";
import type { Config } from "./config.js";
import type { SessionId } from "./core/ids.js";
import { startDeposits } from "./deposits.js";
import { startEnforcement } from "./enforcement.js";
import { createFeedback } from "./feedback.js";
import { type IdentitySource, openIdentity } from "./identity.js";
import { internalServices } from "./internal-services.js";
import { openOperators } from "./operators.js";
import { createReportCopies, overflowMetrics, startOverflow } from "./overflow.js";
import { createPeople } from "./people.js";
import { opsSite } from "./http/ops-site.js";
import type { LightningNode } from "./ports/lightning-node.js";
import type { Meter } from "./ports/meter.js";
import type { Operators } from "./ports/operators.js";
import type { ProcessStats } from "./ports/process-stats.js";
import { createAuthenticator } from "./rpc/admission/authenticate.js";
import { createCallCount } from "./rpc/interceptors/metrics.js";
import { internalListener } from "./rpc/internal-listener.js";
import { publicListener } from "./rpc/public-listener.js";
import type { InternalService, PublicServices } from "./rpc/service.js";
import { createStreamOpener } from "./rpc/services/signaling.js";
import { createWebhooks } from "./webhooks.js";
import { readSettings, type settingsFrom } from "./settings.js";
import { openLightningNode } from "./lightning-node.js";
import { openStores, type Stores } from "./stores.js";
import { openTurn, type Turn } from "./turn.js";
import { startUpkeep } from "./upkeep.js";
import { VERSION } from "./version.js";

/** A server ready to listen. */
export interface Server {
  public: FastifyInstance;
  internal: FastifyInstance;
  /** Drains the streams, then closes everything. Idempotent. */
  close(): Promise<void>;
}

/** What the parts of a server share. */
interface Context {
  config: Config;
  settings: ReturnType<typeof settingsFrom>;
  stores: Stores;
  turn: Turn;
  identity: IdentitySource;
  /** Undefined if newcomers pay none. */
  deposits: Deposits | undefined;
  meter: Meter;
  processStats: ProcessStats;
  logger: FastifyBaseLogger;
}

type UseCases = Awaited<ReturnType<typeof createUseCases>>;

/**
 * Creates and connects all parts; no other module knows all of them.
 * @param node the operator's; that of the configuration by default
 */
export async function compose(config: Config, logger: FastifyBaseLogger, node?: LightningNode): Promise<Server> {
  const processStats = systemProcessStats();
  const meter = new MemoryMeter(processStats);
  const stores = await openStores(config, logger, meter);
  const turn = await openTurn(config, stores.clock, logger);
  const identity = await openIdentity(config, stores.clock, logger);
  const configuredNode = await openLightningNode(config);
  const lightningNode = node ?? configuredNode;
  const settings = await readSettings(config);
  const running = startDeposits({ config, settings, stores, node: lightningNode, meter, logger });
  const deposits = running?.deposits;
  const context = { config, settings, stores, turn, identity, deposits, meter, processStats, logger };
  const useCases = await createUseCases(context);
  const stopUpkeep = startUpkeep(context, useCases.payments);
  const overflow = startOverflow(context);
  const isReady = () => !useCases.streams.draining && stores.isReady();
  const webhooks = createWebhooks({ ...context, people: useCases.people });
  const channels = createChannels({ node: lightningNode, stores, logger });
  const { stats, metrics } = createMonitoring(context, { ...useCases, webhooks, channels, overflow }, isReady);
  const instance = new InstanceLifecycle(useCases.streams, config.DRAIN_TIMEOUT_MS);
  const publicApp = await openPublic(context, useCases, isReady);
  const operators = openOperators(config);
  const services = internalServices({ stores, stats, instance, ...useCases, channels, operators, isReady });
  const internalApp = await openInternal(context, services, operators, metrics);
  await webhooks.start();
  channels?.start();
  const close = async () => {
    await instance.stop();
    await Promise.all([running?.stop(), overflow?.stop()]);
    stopUpkeep();
    await webhooks.stop();
    for (const part of [channels, useCases.bans, useCases.enforcement, turn, identity]) part?.stop();
    await stats.stop();
    await Promise.all([publicApp.close(), internalApp.close()]);
    await Promise.all([stores.close(), configuredNode?.end()]);
    processStats.close();
  };
  return { public: publicApp, internal: internalApp, close: once(close) };
}

function openInternal(
  { settings: { internal: settings }, logger }: Context,
  services: InternalService[],
  operators: Operators,
  metrics: Metrics,
): Promise<FastifyInstance> {
  const addSite = (app: FastifyInstance) => {
    opsSite(app, metrics, settings.consoleRoot);
  };
  return internalListener({ services, operators, addSite, logger, settings });
}

function openPublic(context: Context, useCases: UseCases, isReady: () => boolean): Promise<FastifyInstance> {
  const { settings, stores, turn, identity, meter, logger } = context;
  const { sessions, relaying, enforcement, arrivals, streams } = useCases;
  const openStream = createStreamOpener({
    ...{ arrivals, streams, sessions, relaying, enforcement },
    clock: stores.clock,
    settings: settings.signaling,
  });
  const services: PublicServices = { ...useCases, openStream };
  return publicListener({
    services,
    authenticate: createAuthenticator(settings.guards, stores.clock),
    countCall: createCallCount(meter),
    isReady,
    troubles: () => [...stores.troubles(), ...turn.troubles(), ...identity.troubles()],
    logger,
    settings: settings.public,
  });
}

async function createUseCases(context: Context) {
  const { settings, stores, deposits, meter, logger } = context;
  const [{ lobby, mailbox, records, tips, quotas, clock }, random] = [stores, systemRandom];
  const streams = new Streams(clock, random, settings.streams);
  const { bans, enforcement } = await startEnforcement(context);
  const shared = { lobby, bans, enforcement, clock };
  const known = createPeople(context, shared, settings);
  const { people, keyOf } = known;
  const payments = new Payments(tips, clock, meter, people);
  const tipping = await createTipping(context, enforcement, payments);
  const afterReport = (...sides: [reporterId: SessionId, reportedId: SessionId]) =>
    settleAfterReport(sides, tipping, deposits);
  const [crowds, relays] = [new CrowdLimit(stores.roster, settings.crowdLimit), relaysOf(context)];
  const feedback = createFeedback({ ...context, enforcement });
  const entry = createEntry(context, bans);
  const forSessions = { ...shared, ...known, ...feedback, ...entry, mailbox, tips, streams, random, meter };
  const forModeration = { ...shared, crowds, copies: createReportCopies(context) };
  return {
    streams,
    bans,
    enforcement,
    arrivals: entry.arrivals,
    sessions: new Sessions({ ...forSessions, settings: settings.sessions }),
    signaling: new Signaling({ ...shared, meter, isModeBinding: settings.matching.isModeBinding }),
    relaying: new RelayCredentials({ ...shared, ...relays, quotas }),
    clientProblems: new ClientProblems({ bans, clock, quotas, meter, onFirst: problemLog(logger) }),
    matching: new Matching({ ...shared, deposits, random, settings: settings.matching }),
    moderation: new Moderation({ ...forModeration, records, meter, people, keyOf, rules: settings.bans, afterReport }),
    appeals: new Appeals({ ...shared, ...known, records, quotas }),
    actions: new Actions({ actions: stores.actions, enforcement, ...feedback, crowds, people, clock, random }),
    cases: new Cases(stores.cases, clock, people, feedback.answers),
    ...feedback,
    evidence: new Evidence({ ...shared, ...stores, settings: settings.evidence }),
    people,
    tipping,
    deposits,
    diagnostics: new Diagnostics(meter),
    payments,
  };
}

const relaysOf = ({ turn, settings }: Context) => ({ credentials: turn.credentials, settings: settings.signaling.ice });

/** Cancels the tips between two sides, and keeps the deposit of the reported one for a moderator to look at. */
async function settleAfterReport(
  [reporterId, reportedId]: [SessionId, SessionId],
  tipping: Tipping,
  deposits: Deposits | undefined,
): Promise<void> {
  await tipping.cancelBetween(reporterId, reportedId);
  await deposits?.reported(reportedId);
}

/** What may keep new sessions out, and the pace at which streams open and close. */
function createEntry({ config, settings, stores, meter, processStats }: Context, bans: Bans) {
  const loadShedder = new LoadShedder(processStats, systemRandom, meter, config.MAX_LOOP_DELAY_MS);
  const maker = new ProofOfWork(config.SESSION_SECRET, config.REALM);
  const challenges = new Challenges({ maker, bans, ...stores, meter, settings: settings.challenges });
  const arrivals = new Arrivals(STREAM_PACE, () => loadShedder.refuse());
  return { loadShedder, challenges, arrivals, departures: new Departures(STREAM_PACE) };
}

async function createTipping({ stores, settings }: Context, enforcement: Enforcement, payments: Payments) {
  const { network } = settings.tipping;
  if (network !== undefined) await import("./core/invoice.js"); // or the first invoice would stall calls
  const onChange = payments.noteChange.bind(payments);
  return new Tipping({ ...stores, enforcement, network, onChange });
}

interface Later {
  webhooks: Webhooks;
  channels: Channels | undefined;
  overflow: Overflow | undefined;
}

/** The statistics, and the metrics for Prometheus. */
function createMonitoring(
  context: Context,
  { bans, streams, webhooks, channels, overflow }: Pick<UseCases, "bans" | "streams"> & Later,
  isReady: () => boolean,
) {
  const { stores, turn, identity, meter, processStats, logger } = context;
  const onError = (err: unknown) => {
    logger.error({ err }, "failed to read statistics from the store");
  };
  const { lobby, clusterStats, clock } = stores;
  const stats = new Stats({
    ...{ meter, processStats, lobby, bans, webhooks, streams, clusterStats, clock, isReady, onError },
  });
  const metrics = new Metrics({
    version: VERSION,
    read: () => meter.read(),
    streams: () => streams.size,
    overflow: () => overflowMetrics(stores, overflow),
    isReady,
    troubles: () => stores.troubles().length + turn.troubles().length + identity.troubles().length,
    turnCredentialsLeftMs: () => turn.credentialsLeftMs(),
    clockSkewMs: () => stores.clockSkewMs(),
    nowMs: () => clock.nowMs(),
    readStore: () => stats.readStore(),
    readNode: () => nodeMetrics(channels),
  });
  return { stats, metrics };
}

/** Returns a function that acts on its first call only; all calls return the same promise. */
function once(act: () => Promise<void>): () => Promise<void> {
  let acting: Promise<void> | undefined;
  return () => (acting ??= act());
}
