import type { CallStats } from "@satoshigle/client";

/** The quality of a call: bars from 0 (unknown) to 4, a word, and the measurements. */
export interface Quality {
  bars: 0 | 1 | 2 | 3 | 4;
  word: string;
  facts: string[];
}

const words = ["Measuring", "Poor", "Fair", "Good", "Excellent"] as const;

/** Rates a call by round-trip time or packet loss, whichever is worse. */
export function rate(stats: CallStats | null): Quality {
  if (stats?.roundTripMs === undefined) return { bars: 0, word: words[0], facts: [] };
  const loss = stats.lossRatio ?? 0;
  const byDelay = stats.roundTripMs < 120 ? 4 : stats.roundTripMs < 250 ? 3 : stats.roundTripMs < 450 ? 2 : 1;
  const byLoss = loss < 0.01 ? 4 : loss < 0.03 ? 3 : loss < 0.08 ? 2 : 1;
  const bars = byDelay < byLoss ? byDelay : byLoss;
  return { bars, word: words[bars], facts: listFacts(stats, stats.roundTripMs) };
}

function listFacts(stats: CallStats, roundTripMs: number): string[] {
  const facts = [`${round(roundTripMs)} ms round trip`];
  if (stats.width && stats.height)
    facts.push(`${round(stats.width)} × ${round(stats.height)}${frames(stats.framesPerSecond)}`);
  if (stats.bitsPerSecond !== undefined) facts.push(`${round(stats.bitsPerSecond / 1_000)} kbit/s`);
  if (stats.lossRatio !== undefined && stats.lossRatio >= 0.001)
    facts.push(`${(stats.lossRatio * 100).toFixed(1)}% packet loss`);
  if (stats.path) facts.push(stats.path === "direct" ? "direct, browser to browser" : "through a relay");
  return facts;
}

function round(value: number): string {
  return value.toFixed(0);
}

function frames(perSecond: number | undefined): string {
  return perSecond === undefined ? "" : `, ${round(perSecond)} frames/s`;
}

/** Whether the partner's video is moving; null if unknown. */
export function pictureMoves(before: CallStats | null, now: CallStats | null): boolean | null {
  if (before === null || now === null) return null;
  return now.framesDecoded > before.framesDecoded;
}
