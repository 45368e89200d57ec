import { DomainError, isStoreAway } from "../core/errors.js";
import type { Distribution } from "../core/metrics/histogram.js";
import { minus, type MetricCounters } from "../core/metrics/counters.js";
import { merge, type InstanceStats, instanceStats } from "../core/metrics/instance-stats.js";
import type { Clock } from "../ports/clock.js";
import type { ClusterStats } from "../ports/cluster-stats.js";
import type { LobbyCounts, LobbyStats } from "../ports/lobby-stats.js";
import type { MetricReader } from "../ports/meter.js";
import type { ProcessStats } from "../ports/process-stats.js";
import type { Bans } from "./bans.js";
import { Notifier, waitFor } from "./notifier.js";
import { runPeriodically } from "./periodic.js";
import type { Streams } from "./streams.js";
import type { Webhooks, WebhookStatus } from "./webhooks.js";

/** The statistics of this instance, or of all instances that share the store. */
export type Scope = "instance" | "cluster";

/** The statistics at a moment, which also identifies the snapshot. */
export interface StatsSnapshot {
  atMs: number;
  sample: InstanceStats;
  /** From the store, across all instances that share it; undefined while it is unavailable. */
  store: StoreStats | undefined;
}

export interface StoreStats extends LobbyCounts {
  queueAge: Distribution;
  bans: number;
  webhooks: readonly WebhookStatus[];
}

/** How often a sample is taken, how long it is kept, and which time its counters cover, in milliseconds. */
export const SAMPLE_MS = 5_000;
const KEPT_MS = 300_000;
const WINDOW_MS = 60_000;
/** How far another instance's clock may be ahead of ours, in milliseconds. */
const SKEW_MS = 60_000;

type TakenSnapshots = Record<Scope, StatsSnapshot | undefined> & { atMs: number };

interface StatsDependencies {
  meter: MetricReader;
  processStats: Pick<ProcessStats, "memoryBytes">;
  lobby: LobbyStats;
  bans: Pick<Bans, "count">;
  webhooks: Pick<Webhooks, "status">;
  streams: Streams;
  clusterStats: ClusterStats;
  clock: Clock;
  /** Whether new streams are accepted. */
  isReady: () => boolean;
  onError: (error: unknown) => void;
}

/** Samples the statistics of this instance, shares them with the others, and keeps recent snapshots. */
export class Stats {
  /** The counters of the last minute, oldest first. */
  readonly #marks: { atMs: number; counters: MetricCounters }[];
  /** Recent snapshots, oldest first. Without the other instances' samples there is none of the cluster. */
  readonly #snapshots: TakenSnapshots[] = [];
  readonly #watchers = new Set<Notifier>();
  #lastMs: number;
  #stopped = false;
  readonly #stopSampling: () => void;

  constructor(private readonly deps: StatsDependencies) {
    const { clock, meter, onError } = deps;
    this.#lastMs = clock.nowMs();
    this.#marks = [{ atMs: this.#lastMs, counters: meter.read() }];
    this.#stopSampling = runPeriodically(clock, { pauseMs: SAMPLE_MS, act: () => this.#sample(), onError });
  }

  /** Returns the current statistics. @throws DomainError `store_away` for those of the cluster */
  async get(scope: Scope): Promise<StatsSnapshot> {
    const atMs = this.deps.clock.nowMs();
    const own = this.#own(atMs, this.deps.meter.read());
    if (scope === "instance") return { atMs, sample: own, store: await this.#tryStore(() => this.#storeStats(atMs)) };
    const [shared, store] = await Promise.all([this.deps.clusterStats.publish(own, atMs), this.#storeStats(atMs)]);
    return { atMs, sample: merge(shared), store };
  }

  /**
   * Yields the snapshots after a cursor, each once and in order: the kept ones, then new ones. Without a cursor it begins
   * with the next one. Ends when the watcher leaves or this instance stops.
   * @param cursor `atMs` of the last snapshot seen, possibly from another instance
   * @throws DomainError `field_invalid`
   */
  async *watch(scope: Scope, cursor: number | undefined, signal: AbortSignal): AsyncGenerator<StatsSnapshot> {
    if (cursor !== undefined && cursor > this.deps.clock.nowMs() + SKEW_MS) {
      throw new DomainError("field_invalid", "cursor: was not issued by this service", { field: "cursor" });
    }
    const notifier = new Notifier();
    this.#watchers.add(notifier);
    try {
      let seenMs = cursor ?? this.#lastMs;
      while (!signal.aborted && !this.#stopped) {
        const next = this.#snapshots.find(({ atMs }) => atMs > seenMs);
        if (next === undefined) {
          await waitFor(notifier, signal);
          continue;
        }
        seenMs = next.atMs;
        if (next[scope] !== undefined) yield next[scope];
      }
    } finally {
      this.#watchers.delete(notifier);
    }
  }

  /** Stops sampling and ends all watches. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#stopSampling();
    for (const notifier of this.#watchers) notifier.notify();
    await this.deps.clusterStats.remove();
  }

  /** Returns the store's statistics; undefined while it is unavailable. */
  readStore(): Promise<StoreStats | undefined> {
    return this.#tryStore(() => this.#storeStats(this.deps.clock.nowMs()));
  }

  async #sample(): Promise<void> {
    const { clock, meter, clusterStats } = this.deps;
    const atMs = Math.max(clock.nowMs(), this.#lastMs + 1);
    const counters = meter.read();
    const own = this.#own(atMs, counters);
    this.#marks.push({ atMs, counters });
    const store = await this.#tryStore(() => this.#storeStats(atMs));
    const shared = await this.#tryStore(() => clusterStats.publish(own, atMs));
    if (this.#stopped) {
      await clusterStats.remove(); // it was published after `stop` removed it
      return;
    }
    const cluster = shared && { atMs, sample: merge(shared), store };
    this.#keep({ atMs, instance: { atMs, sample: own, store }, cluster });
  }

  #keep(taken: TakenSnapshots): void {
    this.#lastMs = taken.atMs;
    this.#snapshots.push(taken);
    while ((this.#snapshots[0]?.atMs ?? Infinity) <= taken.atMs - KEPT_MS) this.#snapshots.shift();
    for (const notifier of this.#watchers) notifier.notify();
  }

  #own(atMs: number, counters: MetricCounters): InstanceStats {
    const { streams, processStats, isReady } = this.deps;
    while ((this.#marks[1]?.atMs ?? Infinity) <= atMs - WINDOW_MS) this.#marks.shift();
    const [since = { atMs, counters }] = this.#marks;
    const now = { streams: streams.size, memoryBytes: processStats.memoryBytes(), ready: isReady() };
    return instanceStats(now, minus(counters, since.counters), atMs - since.atMs);
  }

  async #storeStats(nowMs: number): Promise<StoreStats> {
    const { lobby, bans } = this.deps;
    const [counts, queueAge, status] = await Promise.all([lobby.count(), lobby.waits({ nowMs }), this.#webhooks()]);
    return { ...counts, queueAge, bans: bans.count, webhooks: status };
  }

  /** Empty while the store of the log is unavailable, which the lobby in memory does not need. */
  async #webhooks(): Promise<readonly WebhookStatus[]> {
    return (await this.#tryStore(() => this.deps.webhooks.status())) ?? [];
  }

  /** Returns what the store answers; undefined while it is unavailable. */
  async #tryStore<T>(read: () => Promise<T>): Promise<T | undefined> {
    try {
      return await read();
    } catch (error) {
      if (!isStoreAway(error)) this.deps.onError(error);
      return undefined;
    }
  }
}
