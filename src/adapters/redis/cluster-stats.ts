import { noCounters } from "../../core/metrics/counters.js";
import type { InstanceStats } from "../../core/metrics/instance-stats.js";
import { SAMPLE_LIFE_MS, type ClusterStats } from "../../ports/cluster-stats.js";
import type { ScriptRunner } from "./script-runner.js";

/** The samples of all nodes: one hash per realm, one field per node. */
export class RedisSamples implements ClusterStats {
  constructor(
    private readonly store: ScriptRunner,
    private readonly node: string,
  ) {}

  async publish(sample: InstanceStats, nowMs: number): Promise<InstanceStats[]> {
    const shared = await this.store.run("put_sample", this.node, JSON.stringify(sample), nowMs, SAMPLE_LIFE_MS);
    return (shared as string[]).map(parse);
  }

  async remove(): Promise<void> {
    await this.store.run("put_sample", this.node, "", 0, SAMPLE_LIFE_MS).catch(() => undefined);
  }
}

/** Fills in counters that an instance of an older version does not have. */
function parse(json: string): InstanceStats {
  const sample = JSON.parse(json) as InstanceStats;
  return { ...sample, counted: { ...noCounters, ...sample.counted } };
}
