import { DomainError, isStoreAway } from "../core/errors.js";
import type { Distribution } from "../core/metrics/histogram.js";
import { minus, type MetricCounters } from "../core/metrics/counters.js";
import { merge, type InstanceStats, instanceStats } from "../core/metrics/instance-stats.js";
import type { Clock } from "../ports/clock.js";
import type { LobbyCounts, Lobby } from "../ports/lobby.js";
import type { Machine } from "../ports/machine.js";
import type { Meter } from "../ports/meter.js";
import type { ClusterStats } from "../ports/cluster-stats.js";
import type { Bans } from "./bans.js";
import { Notifier } from "./notifier.js";
import type { Streams } from "./streams.js";

/** Whose figures: this instance's, or those of all that share the store. */
export type Scope = "node" | "cluster";

/** How things stood at a moment, which also names the sample. */
export interface StatsSnapshot {
  atMs: number;
  sample: InstanceStats;
  /** What the store knows, of all instances that share it; undefined while it is away. */
  store: StoreStats | undefined;
}

export interface StoreStats extends LobbyCounts {
  queueAge: Distribution;
  bans: number;
}

/** How often a sample is taken, how long it is kept, and how far back what it counted reaches, in milliseconds. */
export const SAMPLE_MS = 5_000;
const KEPT_MS = 300_000;
const WINDOW_MS = 60_000;
/** How far ahead of our clock another instance's may be, in milliseconds. */
const SKEW_MS = 60_000;

interface Parts {
  meter: Meter;
  machine: Machine;
  lobby: Lobby;
  bans: Pick<Bans, "count">;
  streams: Streams;
  samples: ClusterStats;
  clock: Clock;
  /** Whether new streams are taken. */
  isReady: () => boolean;
  onError: (error: unknown) => void;
}

/** Takes samples of how this instance does, shares them with the others, and keeps them for a while. */
export class Stats {
  /** What was counted by when, a minute back. */
  readonly #marks: { atMs: number; readings: MetricCounters }[];
  /** The newest last. Without the others' samples there are no figures of all. */
  readonly #kept: (Record<Scope, StatsSnapshot | undefined> & { atMs: number })[] = [];
  readonly #watchers = new Set<Notifier>();
  #lastMs: number;
  #stopped = false;
  #cancel: () => void;

  constructor(private readonly parts: Parts) {
    this.#lastMs = parts.clock.nowMs();
    this.#marks = [{ atMs: this.#lastMs, readings: parts.meter.read() }];
    this.#cancel = this.#sampleLater();
  }

  /** The figures of this moment. @throws DomainError `store_away` for those of all instances */
  async get(scope: Scope): Promise<StatsSnapshot> {
    const atMs = this.parts.clock.nowMs();
    const own = this.#own(atMs, this.parts.meter.read());
    if (scope === "node") return { atMs, sample: own, store: await this.#ask(() => this.#askStore(atMs)) };
    const [shared, store] = await Promise.all([this.parts.samples.publish(own, atMs), this.#askStore(atMs)]);
    return { atMs, sample: merge(shared), store };
  }

  /**
   * The samples after one, each once and in order: those kept, then new ones as they are taken. Without a cursor it begins
   * with the next. Ends when the watcher goes, or this instance.
   * @param cursor `atMs` of the last one seen, also by another instance
   * @throws DomainError `field_invalid`
   */
  async *watch(scope: Scope, cursor: number | undefined, signal: AbortSignal): AsyncGenerator<StatsSnapshot> {
    if (cursor !== undefined && cursor > this.parts.clock.nowMs() + SKEW_MS) {
      throw new DomainError("field_invalid", "cursor: is none of this service", { field: "cursor" });
    }
    const bell = new Notifier();
    const ring = () => {
      bell.notify();
    };
    this.#watchers.add(bell);
    signal.addEventListener("abort", ring);
    try {
      let seenMs = cursor ?? this.#lastMs;
      while (!signal.aborted && !this.#stopped) {
        const next = this.#kept.find(({ atMs }) => atMs > seenMs);
        if (next === undefined) {
          await bell.wait();
          bell.reset();
          continue;
        }
        seenMs = next.atMs;
        if (next[scope] !== undefined) yield next[scope];
      }
    } finally {
      signal.removeEventListener("abort", ring);
      this.#watchers.delete(bell);
    }
  }

  /** Takes no more samples and ends whoever watches. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancel();
    for (const bell of this.#watchers) bell.notify();
    await this.parts.samples.remove();
  }

  #sampleLater(): () => void {
    return this.parts.clock.after(SAMPLE_MS, () => {
      this.#sample()
        .catch(this.parts.onError)
        .finally(() => {
          if (!this.#stopped) this.#cancel = this.#sampleLater();
        })
        .catch(this.parts.onError);
    });
  }

  async #sample(): Promise<void> {
    const atMs = Math.max(this.parts.clock.nowMs(), this.#lastMs + 1);
    const readings = this.parts.meter.read();
    const own = this.#own(atMs, readings);
    this.#marks.push({ atMs, readings });
    const store = await this.#ask(() => this.#askStore(atMs));
    const shared = await this.#ask(() => this.parts.samples.publish(own, atMs));
    if (this.#stopped) {
      await this.parts.samples.remove(); // it was shared after all
      return;
    }
    this.#keep({ atMs, node: { atMs, sample: own, store }, cluster: shared && { atMs, sample: merge(shared), store } });
  }

  #keep(taken: Record<Scope, StatsSnapshot | undefined> & { atMs: number }): void {
    this.#lastMs = taken.atMs;
    this.#kept.push(taken);
    while ((this.#kept[0]?.atMs ?? Infinity) <= taken.atMs - KEPT_MS) this.#kept.shift();
    for (const bell of this.#watchers) bell.notify();
  }

  #own(atMs: number, readings: MetricCounters): InstanceStats {
    const { streams, machine, isReady } = this.parts;
    while ((this.#marks[1]?.atMs ?? Infinity) <= atMs - WINDOW_MS) this.#marks.shift();
    const [since = { atMs, readings }] = this.#marks;
    const now = { streams: streams.size, memoryBytes: machine.memoryBytes(), ready: isReady() };
    return instanceStats(now, minus(readings, since.readings), atMs - since.atMs);
  }

  /** What the store knows at this moment; undefined while it is away. */
  askStore(): Promise<StoreStats | undefined> {
    return this.#ask(() => this.#askStore(this.parts.clock.nowMs()));
  }

  async #askStore(nowMs: number): Promise<StoreStats> {
    const { lobby, bans } = this.parts;
    const [counts, queueAge] = await Promise.all([lobby.count(), lobby.waits({ nowMs })]);
    return { ...counts, queueAge, bans: bans.count };
  }

  /** What the store answers; undefined while it is away. */
  async #ask<T>(ask: () => Promise<T>): Promise<T | undefined> {
    try {
      return await ask();
    } catch (error) {
      if (!isStoreAway(error)) this.parts.onError(error);
      return undefined;
    }
  }
}
