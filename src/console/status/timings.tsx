import { type Duration } from "@bufbuild/protobuf/wkt";
import type { Distribution, Stats } from "../../../gen/satoshigle/internal/v1/monitoring_pb.js";
import { type Timing, TIMINGS } from "./figures.js";
import { formatCount, formatDuration } from "./format.js";
import { Trend } from "./trend.js";

const PERCENTILES = ["p50", "p90", "p99"] as const;

export function Timings({ samples }: { samples: readonly Stats[] }) {
  return (
    <section class="panel timings">
      <h2>
        Latencies <small>last minute</small>
      </h2>
      <table>
        <thead>
          <tr>
            <td />
            {PERCENTILES.map((percentile) => (
              <th key={percentile} scope="col">
                {percentile}
              </th>
            ))}
            <th scope="col" class="count">
              count
            </th>
            <th scope="col" class="trend-cell">
              p99, last 5 minutes
            </th>
          </tr>
        </thead>
        <tbody>
          {TIMINGS.map((timing) => (
            <Row key={timing.name} timing={timing} samples={samples} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Row({ timing: { name, title, note, read }, samples }: { timing: Timing; samples: readonly Stats[] }) {
  const stats = samples.at(-1);
  const latest = stats && read(stats);
  return (
    <tr>
      <th scope="row">
        {title} <small>{note}</small>
      </th>
      {PERCENTILES.map((percentile) => {
        const value = secondsOf(latest, percentile);
        return <td key={percentile}>{value === undefined ? "–" : formatDuration(value)}</td>;
      })}
      <td class="count" data-count={name}>
        {latest ? formatCount(Number(latest.count)) : "–"}
      </td>
      <td class="trend-cell">
        <Trend values={samples.map((sample) => secondsOf(read(sample), "p99"))} />
      </td>
    </tr>
  );
}

/** Undefined if nothing was measured. */
function secondsOf(
  distribution: Distribution | undefined,
  percentile: (typeof PERCENTILES)[number],
): number | undefined {
  if (!distribution || distribution.count === 0n) return undefined;
  const duration: Duration | undefined = distribution[percentile];
  return duration ? Number(duration.seconds) + duration.nanos / 1e9 : 0;
}
