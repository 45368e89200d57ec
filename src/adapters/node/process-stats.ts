import { monitorEventLoopDelay } from "node:perf_hooks";
import { Histogram } from "../../core/metrics/histogram.js";
import type { ProcessStats } from "../../ports/process-stats.js";
import { RecentLoopDelay } from "./loop-delay.js";

/** Sampling interval of the event loop, in milliseconds. */
const RESOLUTION_MS = 20;
const NS_PER_MS = 1e6;
/** The percentiles to read from the monitor: evenly spaced, denser at the top. */
const PERCENTS = [...Array.from({ length: 99 }, (_, index) => index + 1), 99.5, 99.9, 100];

/** Statistics of the process, measured by Node.js. */
export function systemProcessStats(): ProcessStats {
  const monitor = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  monitor.enable();
  const recent = new RecentLoopDelay();
  const delays = new Histogram();
  return {
    cpuMs: () => {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1000;
    },
    memoryBytes: () => process.memoryUsage.rss(),
    loopDelay: () => {
      collect(monitor, delays);
      return delays.buckets;
    },
    recentLoopDelayMs: () => recent.ms,
    close: () => {
      monitor.disable();
      recent.stop();
    },
  };
}

/** Moves the measurements since the last call into the histogram. The monitor measures the time between samples. */
function collect(monitor: ReturnType<typeof monitorEventLoopDelay>, delays: Histogram): void {
  const { count } = monitor;
  let below = 0;
  for (const percent of count > 0 ? PERCENTS : []) {
    const upTo = Math.round((percent / 100) * count);
    delays.observe(monitor.percentile(percent) / NS_PER_MS - RESOLUTION_MS, upTo - below);
    below = upTo;
  }
  monitor.reset();
}
