import { Histogram, type Registry } from "prom-client";
import { BOUNDS_MS, type Buckets } from "../../core/metrics/histogram.js";

/** A histogram that reads its buckets from elsewhere. That of prom-client hashes its labels on each observation. */
export class ReadHistogram extends Histogram {
  constructor(
    private readonly about: { name: string; help: string; registers: Registry[] },
    private readonly read: () => Buckets,
  ) {
    super({ ...about, buckets: [] });
  }

  /** Called by the registry, and by `get` of prom-client. */
  getForPromString() {
    const { name, help } = this.about;
    const { counts, sumMs } = this.read();
    let count = 0;
    const buckets = counts.map((inside, index) => {
      count += inside;
      const boundMs = BOUNDS_MS[index];
      const le = boundMs === undefined ? "+Inf" : String(boundMs / 1000);
      return { metricName: `${name}_bucket`, labels: { le }, value: count };
    });
    const sum = { metricName: `${name}_sum`, labels: {}, value: sumMs / 1000 };
    const values = [...buckets, sum, { metricName: `${name}_count`, labels: {}, value: count }];
    return Promise.resolve({ name, help, type: "histogram", aggregator: "sum", values });
  }
}
