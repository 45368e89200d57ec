import { noReadings } from "../../core/metrics/counters.js";
import type { Sample } from "../../core/metrics/instance-stats.js";
import { SAMPLE_LIFE_MS, type Samples } from "../../ports/cluster-stats.js";
import type { Store } from "./script-runner.js";

/** The samples of many nodes: one key for the realm, a field for each. */
export class RedisSamples implements Samples {
  constructor(
    private readonly store: Store,
    private readonly node: string,
  ) {}

  async share(sample: Sample, nowMs: number): Promise<Sample[]> {
    const shared = await this.store.run("share", this.node, JSON.stringify(sample), nowMs, SAMPLE_LIFE_MS);
    return (shared as string[]).map(parse);
  }

  async withdraw(): Promise<void> {
    await this.store.run("share", this.node, "", 0, SAMPLE_LIFE_MS).catch(() => undefined);
  }
}

/** An instance of an older version may not count everything yet. */
function parse(json: string): Sample {
  const sample = JSON.parse(json) as Sample;
  return { ...sample, counted: { ...noReadings, ...sample.counted } };
}
