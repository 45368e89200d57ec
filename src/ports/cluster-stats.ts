import type { InstanceStats } from "../core/metrics/instance-stats.js";

/** What the instances that share a store tell each other of how they do. */
export interface ClusterStats {
  /**
   * Leaves this instance's newest sample for the others, and answers those that all of them left within the last
   * `SAMPLE_LIFE_MS`, its own among them. Older ones are of instances that are gone, and are forgotten.
   */
  publish(sample: InstanceStats, nowMs: number): Promise<InstanceStats[]>;
  /** Takes this instance's sample away: it ends. Does nothing while the store is away. */
  remove(): Promise<void>;
}

/** How long a sample counts, in milliseconds: three are missed before an instance does. */
export const SAMPLE_LIFE_MS = 16_000;
