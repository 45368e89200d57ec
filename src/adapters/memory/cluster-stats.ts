import type { Sample } from "../../core/metrics/instance-stats.js";
import type { Samples } from "../../ports/cluster-stats.js";

/** A process on its own is all there is. */
export class MemorySamples implements Samples {
  share(sample: Sample): Promise<Sample[]> {
    return Promise.resolve([sample]);
  }

  withdraw(): Promise<void> {
    return Promise.resolve();
  }
}
