import type { Distribution, Stats } from "../../../gen/satoshigle/internal/v1/monitoring_pb.js";
import { formatBytes, formatCores, formatCount, formatRate, formatShare } from "./format.js";

/** A number on the page. Undefined if it comes from the store and the store is unreachable. */
export interface Figure {
  name: keyof Stats;
  title: string;
  note?: string;
  read: (stats: Stats) => number | undefined;
  format: (value: number) => string;
}

/** A row of the latency table. */
export interface Timing {
  name: keyof Stats;
  title: string;
  note: string;
  read: (stats: Stats) => Distribution | undefined;
}

/** Figures with a large number and a trend. */
export const TILES: readonly Figure[] = [
  { name: "streamCount", title: "Streams", note: "open", read: (stats) => stats.streamCount, format: formatCount },
  {
    name: "sessionCount",
    title: "Sessions",
    note: "connected or away",
    read: (stats) => stats.sessionCount,
    format: formatCount,
  },
  {
    name: "waitingCount",
    title: "Waiting",
    note: "in the queue",
    read: (stats) => stats.waitingCount,
    format: formatCount,
  },
  { name: "matchCount", title: "Matches", note: "active", read: (stats) => stats.matchCount, format: formatCount },
  { name: "matchRate", title: "New matches", note: "per second", read: (stats) => stats.matchRate, format: formatRate },
  {
    name: "signalRate",
    title: "Signals",
    note: "relayed per second",
    read: (stats) => stats.signalRate,
    format: formatRate,
  },
  { name: "callRate", title: "API calls", note: "per second", read: (stats) => stats.callRate, format: formatRate },
  {
    name: "resumeRate",
    title: "Lossless resumes",
    note: "of all reconnects",
    read: (stats) => stats.resumeRate,
    format: formatShare,
  },
];

export const TIMINGS: readonly Timing[] = [
  { name: "timeToMatch", title: "Time to match", note: "Match to Matched", read: (stats) => stats.timeToMatch },
  {
    name: "handshakeTime",
    title: "Handshake",
    note: "Matched to the partner’s first signal",
    read: (stats) => stats.handshakeTime,
  },
  { name: "queueAge", title: "Queue age", note: "of sessions still waiting", read: (stats) => stats.queueAge },
  { name: "storeLatency", title: "Store", note: "latency of a call", read: (stats) => stats.storeLatency },
  { name: "eventLoopDelay", title: "Event loop", note: "delay", read: (stats) => stats.eventLoopDelay },
];

export const SYSTEM: readonly Figure[] = [
  { name: "cpuCores", title: "CPU", read: (stats) => stats.cpuCores, format: formatCores },
  { name: "memoryBytes", title: "Memory", read: (stats) => Number(stats.memoryBytes), format: formatBytes },
  { name: "instanceCount", title: "Instances", read: (stats) => stats.instanceCount, format: formatCount },
  {
    name: "webhooks",
    title: "Failing webhooks",
    read: ({ webhooks }) => webhooks.filter(({ failureCount }) => failureCount > 0).length,
    format: formatCount,
  },
  { name: "banCount", title: "Active bans", read: (stats) => stats.banCount, format: formatCount },
];
