import type { InstanceStats } from "../core/metrics/instance-stats.js";

/** Shares the statistics of the instances that use the same store. */
export interface ClusterStats {
  /**
   * Publishes this instance's latest sample, and returns those that all instances published within `SAMPLE_LIFE_MS`,
   * including its own. Older samples belong to instances that are gone, and are dropped.
   */
  publish(sample: InstanceStats, nowMs: number): Promise<InstanceStats[]>;
  /** Removes this instance's sample when it stops. Does nothing while the store is unavailable. */
  remove(): Promise<void>;
}

/** How long a sample is valid, in milliseconds: an instance may miss three before it disappears. */
export const SAMPLE_LIFE_MS = 16_000;
