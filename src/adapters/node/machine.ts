import { monitorEventLoopDelay } from "node:perf_hooks";
import { Histogram } from "../../core/metrics/histogram.js";
import type { Machine } from "../../ports/machine.js";

/** How often the event loop is looked at, in milliseconds. */
const RESOLUTION_MS = 20;
const NS_PER_MS = 1e6;
/** Where the system's measurements are read off, in percent: evenly, and closely where it is late. */
const PERCENTS = [...Array.from({ length: 99 }, (_, index) => index + 1), 99.5, 99.9, 100];

/** The process as Node.js knows it. */
export function systemMachine(): Machine {
  const monitor = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  monitor.enable();
  const delays = new Histogram();
  return {
    cpuMs: () => {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1000;
    },
    memoryBytes: () => process.memoryUsage.rss(),
    loopDelay: () => {
      takeIn(delays, monitor);
      return delays.buckets;
    },
    close: () => monitor.disable(),
  };
}

/** Moves what was measured since the last time. The monitor measures how far apart its looks are. */
function takeIn(delays: Histogram, monitor: ReturnType<typeof monitorEventLoopDelay>): void {
  const { count } = monitor;
  let below = 0;
  for (const percent of count > 0 ? PERCENTS : []) {
    const upTo = Math.round((percent / 100) * count);
    delays.observe(monitor.percentile(percent) / NS_PER_MS - RESOLUTION_MS, upTo - below);
    below = upTo;
  }
  monitor.reset();
}
