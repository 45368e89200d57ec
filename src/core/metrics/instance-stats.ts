import { noCounters, plus, type MetricCounters } from "./counters.js";

/** The statistics of one instance or of several. Counters cover the last minute. */
export interface InstanceStats {
  /** Number of instances. */
  nodes: number;
  /** Open streams. */
  streams: number;
  memoryBytes: number;
  /** Whether at least one of them accepts new streams. */
  ready: boolean;
  counted: MetricCounters;
  /** Per second. */
  signalRate: number;
  matchRate: number;
  callRate: number;
  /** CPU in use, in cores. */
  cpuCores: number;
}

/** Creates the sample of one instance from what it counted within a time window. */
export function instanceStats(
  now: Pick<InstanceStats, "streams" | "memoryBytes" | "ready">,
  counted: MetricCounters,
  windowMs: number,
): InstanceStats {
  const seconds = Math.max(windowMs, 1) / 1000;
  const calls = Object.values(counted.calls).reduce((sum, count) => sum + count, 0);
  return {
    ...now,
    nodes: 1,
    counted,
    signalRate: counted.signals / seconds,
    matchRate: counted.matches / seconds,
    callRate: calls / seconds,
    cpuCores: counted.cpuMs / 1000 / seconds,
  };
}

const NO_INSTANCE: InstanceStats = {
  nodes: 0,
  streams: 0,
  memoryBytes: 0,
  ready: false,
  counted: noCounters,
  signalRate: 0,
  matchRate: 0,
  callRate: 0,
  cpuCores: 0,
};

/** Merges samples: counters and rates are added, distributions merged. */
export function merge(samples: readonly InstanceStats[]): InstanceStats {
  return samples.reduce(
    (a, b) => ({
      nodes: a.nodes + b.nodes,
      streams: a.streams + b.streams,
      memoryBytes: a.memoryBytes + b.memoryBytes,
      ready: a.ready || b.ready,
      counted: plus(a.counted, b.counted),
      signalRate: a.signalRate + b.signalRate,
      matchRate: a.matchRate + b.matchRate,
      callRate: a.callRate + b.callRate,
      cpuCores: a.cpuCores + b.cpuCores,
    }),
    NO_INSTANCE,
  );
}
