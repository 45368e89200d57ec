import type { FastifyBaseLogger } from "fastify";
import { prepare } from "./adapters/lmdb/prepare.js";
import { StoreProcess } from "./adapters/lmdb/store-process.js";
import { EventOutbox } from "./adapters/lmdb/event-outbox.js";
import { MemoryGuests } from "./adapters/memory/guests.js";
import { MemoryLobby } from "./adapters/memory/lobby.js";
import { MemoryMailbox } from "./adapters/memory/mailbox.js";
import { MemoryCommitments } from "./adapters/memory/commitment-book.js";
import { MemoryQuotas } from "./adapters/memory/quotas.js";
import { MemorySpent } from "./adapters/memory/spent-store.js";
import { LobbyState } from "./adapters/memory/lobby-state.js";
import { MemoryRoster } from "./adapters/memory/roster.js";
import { NO_LOG } from "./adapters/memory/spans.js";
import { MemorySamples } from "./adapters/memory/cluster-stats.js";
import { systemRandom } from "./adapters/node/random.js";
import { measureLatency } from "./adapters/node/measure-latency.js";
import type { LobbyStore } from "./ports/lobby.js";
import type { Mailbox } from "./ports/mailbox.js";
import type { EventLog, EventSink } from "./ports/event-log.js";
import type { Guests } from "./ports/guests.js";
import type { Neighbour } from "./ports/neighbour.js";
import type { Roster } from "./ports/roster.js";
import type { DepositStore } from "./ports/deposit-store.js";
import type { WebhookStore } from "./ports/webhook-store.js";
import type { Quotas } from "./ports/quotas.js";
import type { SpentStore } from "./ports/spent-store.js";
import type { ActionStore } from "./ports/action-store.js";
import type { CommitmentBook } from "./ports/commitment-book.js";
import type { EvidenceStore } from "./ports/evidence-store.js";
import type { ChannelStore } from "./ports/channel-store.js";
import type { CaseStore } from "./ports/case-store.js";
import type { ModerationStore } from "./ports/moderation-store.js";
import type { ClusterStats } from "./ports/cluster-stats.js";
import type { PeopleStore } from "./ports/people-store.js";
import type { TipStore } from "./ports/tip-ledger.js";
import { systemClock } from "./adapters/node/clock.js";
import { SlewingClock } from "./adapters/node/slewing-clock.js";
import type { Config } from "./config.js";
import type { Clock } from "./ports/clock.js";
import type { Meter } from "./ports/meter.js";

/** The stores that hold the state of the service. */
export interface Stores {
  lobby: LobbyStore;
  mailbox: Mailbox;
  records: ModerationStore;
  actions: ActionStore;
  cases: CaseStore;
  evidence: EvidenceStore;
  commitments: CommitmentBook;
  people: PeopleStore;
  tips: TipStore;
  deposits: DepositStore;
  events: EventLog;
  roster: Roster;
  guests: Guests;
  /** Realms whose people may meet those of this one. */
  neighbours: readonly Neighbour[];
  webhooks: WebhookStore;
  channels: ChannelStore;
  clusterStats: ClusterStats;
  /** The clock that the stores use. */
  clock: Clock;
  /** How far the machine's clock is ahead of that clock, in milliseconds. */
  clockSkewMs(): number;
  quotas: Quotas;
  spent: SpentStore;
  /** Whether the stores can serve calls. */
  isReady(): boolean;
  /** Current problems, one sentence each; empty if there are none. They do not necessarily prevent serving. */
  troubles(): readonly string[];
  close(): Promise<void>;
}

/** How long a problem must be absent before it is logged as resolved, in milliseconds. */
const CALM_MS = 60_000;

/**
 * Opens the stores that the configuration selects.
 * @throws Error with the cause and instructions if they cannot be used
 */
export async function openStores(config: Config, logger: FastifyBaseLogger, meter: Meter): Promise<Stores> {
  if (!config.REDIS_ENABLED) return embeddedStores(config, logger, meter);
  const { redisStores } = await import("./redis-stores.js"); // a standalone process starts faster without the library
  return redisStores(config, logger, meter);
}

/** Opens the stores of a standalone process. */
async function embeddedStores(config: Config, logger: FastifyBaseLogger, meter: Meter): Promise<Stores> {
  const clock = new SlewingClock();
  const folder = config.DATA_DIR;
  const { release, claim, warnings } = await prepare(folder, config.NODE_ENV === "production");
  for (const warning of warnings) logger.warn(warning);
  const onRefused = () => {
    meter.unstored();
  };
  const onTrouble = troubleLog(logger);
  const parts = { folder, maxEvents: config.EVENTS_MAX, claim, clock: systemClock };
  const opening = StoreProcess.open({ ...parts, onTrouble, onRefused });
  const store = await opening.catch(async (error: unknown) => {
    await release();
    throw error;
  });
  const outbox = config.EVENTS_MAX === 0 ? undefined : openOutbox(store, clock, logger);
  const onAnswer = (latencyMs: number) => {
    meter.storeAnswered(latencyMs);
  };
  return {
    ...memoryStores(config, outbox ?? NO_LOG),
    ...measuredStores(store, onAnswer),
    clock,
    clockSkewMs: () => clock.skewMs,
    isReady: () => true,
    troubles: () => store.troubles,
    close: async () => {
      await outbox?.close();
      await store.close();
      await release();
    },
  };
}

/** What outlives the process, whose answers are measured. */
function measuredStores(store: StoreProcess, onAnswer: (latencyMs: number) => void) {
  return {
    records: measureLatency(store.records, onAnswer),
    actions: measureLatency(store.actions, onAnswer),
    cases: measureLatency(store.cases, onAnswer),
    evidence: measureLatency(store.evidence, onAnswer),
    people: measureLatency(store.people, onAnswer),
    tips: measureLatency(store.tips, onAnswer),
    deposits: measureLatency(store.deposits, onAnswer),
    events: measureLatency(store.events, onAnswer),
    webhooks: measureLatency(store.webhooks, onAnswer),
    channels: measureLatency(store.channels, onAnswer),
  };
}

/** What lives as long as the process. */
function memoryStores({ CONNECTION_TIMEOUT_MS: handshakeMs }: Config, log: EventSink) {
  const realm = new LobbyState(handshakeMs, undefined, undefined, log);
  return {
    lobby: new MemoryLobby(realm),
    mailbox: new MemoryMailbox(realm),
    roster: new MemoryRoster(realm),
    guests: new MemoryGuests(realm),
    neighbours: [],
    clusterStats: new MemorySamples(),
    quotas: new MemoryQuotas(),
    commitments: new MemoryCommitments(),
    spent: new MemorySpent(),
  };
}

/** Stores the events of the lobby, which begins a new run. */
function openOutbox(store: StoreProcess, clock: Clock, logger: FastifyBaseLogger): EventOutbox {
  const onError = (err: unknown) => {
    logger.error({ err }, "failed to store events");
  };
  return new EventOutbox({ journal: store.events, run: systemRandom.id(), clock, onError });
}

/** Logs a recurring problem once, until it has been absent for `CALM_MS`. */
function troubleLog(logger: FastifyBaseLogger): (code: string | undefined) => void {
  let isLogged = false;
  let cancel: () => void = () => undefined;
  return (code) => {
    cancel();
    if (code === undefined) {
      cancel = systemClock.after(CALM_MS, () => {
        isLogged = false;
        logger.info("reports, bans, tips and events are stored again");
      });
    } else if (!isLogged) {
      isLogged = true;
      logger.error(
        { code },
        "reports, bans, tips and events cannot be stored: check DATA_DIR and its disk; calls continue",
      );
    }
  };
}
