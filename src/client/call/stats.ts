import { isRelayed, type PathEntry, selectedPair } from "./candidate-pair.js";
import type { CallStats } from "../types.js";

/** Counters at a moment, to compute rates from. */
export interface StatsSample {
  atMs: number;
  bytesReceived: number;
}

/** The fields of the standard's dictionaries that are read here. Any may be missing in some browser. */
interface Entry extends PathEntry {
  kind?: string;
  timestamp: number;
  bytesReceived?: number;
  packetsReceived?: number;
  packetsLost?: number;
  frameWidth?: number;
  frameHeight?: number;
  framesPerSecond?: number;
  framesDecoded?: number;
  currentRoundTripTime?: number;
}

/** Summarizes a report. `previous` is the sample that the last call returned. */
export function summarize(
  report: RTCStatsReport,
  previous: StatsSample | undefined,
): { stats: CallStats; sample: StatsSample } {
  const entries = [...(report as unknown as Map<string, Entry>).values()];
  const inbound = entries.filter((entry) => entry.type === "inbound-rtp");
  const video = inbound.find((entry) => entry.kind === "video");
  const pair = selectedPair(entries);
  const sample = {
    atMs: Math.max(0, ...inbound.map((entry) => entry.timestamp)),
    bytesReceived: sum(inbound, "bytesReceived"),
  };
  const received = sum(inbound, "packetsReceived");
  const lost = Math.max(0, sum(inbound, "packetsLost"));
  const stats: CallStats = {
    roundTripMs: pair?.currentRoundTripTime === undefined ? undefined : pair.currentRoundTripTime * 1000,
    width: video?.frameWidth,
    height: video?.frameHeight,
    framesPerSecond: video?.framesPerSecond,
    framesDecoded: video?.framesDecoded ?? 0,
    bitsPerSecond: bitsPerSecond(previous, sample),
    lossRatio: received + lost === 0 ? undefined : lost / (received + lost),
    path: pair && (isRelayed(entries, pair) ? "relayed" : "direct"),
  };
  return { stats, sample };
}

function bitsPerSecond(previous: StatsSample | undefined, now: StatsSample): number | undefined {
  if (!previous || now.atMs <= previous.atMs || now.bytesReceived < previous.bytesReceived) return undefined;
  return ((now.bytesReceived - previous.bytesReceived) * 8 * 1000) / (now.atMs - previous.atMs);
}

function sum(entries: Entry[], field: "bytesReceived" | "packetsReceived" | "packetsLost"): number {
  return entries.reduce((total, entry) => total + (entry[field] ?? 0), 0);
}
