import { noCounters, plus, type MetricCounters } from "./counters.js";

/** How an instance does, or several of them together. What is counted covers the last minute. */
export interface InstanceStats {
  /** Instances it is of. */
  nodes: number;
  /** Open streams. */
  streams: number;
  memoryBytes: number;
  /** Whether new streams are taken, by one of them at least. */
  ready: boolean;
  counted: MetricCounters;
  /** Per second. */
  signalRate: number;
  matchRate: number;
  callRate: number;
  /** CPU in use, in cores. */
  cpuCores: number;
}

/** The sample of one instance, of what it counted within so many milliseconds. */
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

const nobody: InstanceStats = {
  ...{ nodes: 0, streams: 0, memoryBytes: 0, ready: false, counted: noCounters },
  ...{ signalRate: 0, matchRate: 0, callRate: 0, cpuCores: 0 },
};

/** Several instances as one: counts and rates are sums, distributions are merged. */
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
    nobody,
  );
}
