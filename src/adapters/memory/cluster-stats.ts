import type { InstanceStats } from "../../core/metrics/instance-stats.js";
import type { ClusterStats } from "../../ports/cluster-stats.js";

/** The samples of a single process: its own. */
export class MemorySamples implements ClusterStats {
  publish(sample: InstanceStats): Promise<InstanceStats[]> {
    return Promise.resolve([sample]);
  }

  remove(): Promise<void> {
    return Promise.resolve();
  }
}
