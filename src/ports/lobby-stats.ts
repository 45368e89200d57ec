import type { Distribution } from "../core/metrics/histogram.js";

/** Statistics of the lobby. */
export interface LobbyStats {
  count(): Promise<LobbyCounts>;

  /** Returns how long the waiting sessions have waited so far. */
  waits(at: { nowMs: number }): Promise<Distribution>;
}

export interface LobbyCounts {
  sessions: number;
  waiting: number;
  matches: number;
}
