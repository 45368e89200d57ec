import type { CallStats } from "@satoshigle/client";
import { formatNumber, type Key, say } from "./say.js";

/** The quality of a call: bars from 0 (unknown) to 4, a word, and the measurements. */
export interface Quality {
  bars: 0 | 1 | 2 | 3 | 4;
  word: string;
  facts: string[];
}

const words = ["quality.0", "quality.1", "quality.2", "quality.3", "quality.4"] as const satisfies Key[];

/** Rates a call by round-trip time or packet loss, whichever is worse. */
export function rate(stats: CallStats | null): Quality {
  if (stats?.roundTripMs === undefined) return { bars: 0, word: say("quality.0"), facts: [] };
  const loss = stats.lossRatio ?? 0;
  const byDelay = stats.roundTripMs < 120 ? 4 : stats.roundTripMs < 250 ? 3 : stats.roundTripMs < 450 ? 2 : 1;
  const byLoss = loss < 0.01 ? 4 : loss < 0.03 ? 3 : loss < 0.08 ? 2 : 1;
  const bars = byDelay < byLoss ? byDelay : byLoss;
  return { bars, word: say(words[bars]), facts: listFacts(stats, stats.roundTripMs) };
}

function listFacts(stats: CallStats, roundTripMs: number): string[] {
  const facts = [say("quality.roundTrip", { ms: Math.round(roundTripMs) })];
  if (stats.width && stats.height) facts.push(describeSize(stats.width, stats.height, stats.framesPerSecond));
  if (stats.bitsPerSecond !== undefined)
    facts.push(say("quality.rate", { rate: Math.round(stats.bitsPerSecond / 1_000) }));
  if (stats.lossRatio !== undefined && stats.lossRatio >= 0.001)
    facts.push(say("quality.loss", { percent: formatNumber(stats.lossRatio, PERCENT) }));
  if (stats.path) facts.push(say(`quality.${stats.path}`));
  return facts;
}

const PERCENT = { style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 } as const;

/** Such as "1280 × 720, 30 frames/s". */
function describeSize(width: number, height: number, framesPerSecond: number | undefined): string {
  const [across = "", down = ""] = [width, height].map((pixels) => formatNumber(pixels, { useGrouping: false }));
  // Two numbers with a sign between them would change places within text that is written from right to left.
  const size = `\u2066${across} × ${down}\u2069`;
  return framesPerSecond === undefined ? size : say("quality.frames", { size, frames: Math.round(framesPerSecond) });
}

/** Whether the partner's video is moving; null if unknown. */
export function pictureMoves(before: CallStats | null, now: CallStats | null): boolean | null {
  if (before === null || now === null) return null;
  return now.framesDecoded > before.framesDecoded;
}
