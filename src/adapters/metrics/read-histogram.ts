import { Histogram, type Registry } from "prom-client";
import { BOUNDS_MS, type Buckets } from "../../core/metrics/histogram.js";

/** A histogram of values that were counted elsewhere. The library's own hashes its labels at each value. */
export class ReadHistogram extends Histogram {
  constructor(
    private readonly about: { name: string; help: string; registers: Registry[] },
    private readonly read: () => Buckets,
  ) {
    super({ ...about, buckets: [] });
  }

  /** What the registry asks for, and the library's own `get`. */
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
