/** How fast new sessions open: each counts as one at first, and less the longer ago it was. */
export interface Heat {
  level: number;
  atMs: number;
}

/** The time in which a session's part of the heat falls to 1/e, in milliseconds: the level is about that of a minute. */
export const HEAT_MS = 60_000;
/** How far beyond its threshold the heat is when a challenge takes the most work. */
const HOTTEST = 4;

/** The sessions of about the last minute. */
export function levelAt(heat: Heat | undefined, nowMs: number): number {
  if (heat === undefined) return 0;
  return heat.level * Math.exp(-Math.max(0, nowMs - heat.atMs) / HEAT_MS);
}

/** The heat after one more session. */
export function heated(heat: Heat | undefined, nowMs: number): Heat {
  return { level: levelAt(heat, nowMs) + 1, atMs: Math.max(nowMs, heat?.atMs ?? nowMs) };
}

/**
 * The share of the most work that a new session takes: 0 below the threshold, a quarter where it is reached, and all of
 * it at four times the threshold.
 */
export function effortOf(level: number, threshold: number): number {
  return level < threshold ? 0 : Math.min(1, Math.max(1, level / Math.max(1, threshold)) / HOTTEST);
}
