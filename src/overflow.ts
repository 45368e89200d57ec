import type { FastifyBaseLogger } from "fastify";
import type { OverflowMetrics } from "./adapters/metrics/overflow-metrics.js";
import { steadyClock } from "./adapters/node/clock.js";
import { systemRandom } from "./adapters/node/random.js";
import { Overflow } from "./app/overflow/overflow.js";
import { ReportCopies } from "./app/overflow/report-copies.js";
import type { Config } from "./config.js";
import type { Meter } from "./ports/meter.js";
import type { Stores } from "./stores.js";

interface Parts {
  config: Config;
  stores: Stores;
  meter: Meter;
  logger: FastifyBaseLogger;
}

/** Starts to pair people with those of neighbour realms; undefined if they are not to meet. */
export function startOverflow({ config, stores, meter, logger }: Parts): Overflow | undefined {
  const { OVERFLOW_AFTER_MS: afterMs, REALM: name } = config;
  if (afterMs === 0) return undefined;
  const overflow = new Overflow({
    home: { ...stores, name },
    neighbours: stores.neighbours,
    clock: steadyClock,
    random: systemRandom,
    meter,
    afterMs,
    onError: (err) => {
      logger.error({ err }, "failed to pair people with those of neighbour realms");
    },
  });
  overflow.start();
  return overflow;
}

export function createReportCopies({ config, stores, logger }: Omit<Parts, "meter">): ReportCopies {
  return new ReportCopies({
    realm: config.REALM,
    neighbours: stores.neighbours,
    clock: steadyClock,
    random: systemRandom,
    onError: (err) => {
      logger.error({ err }, "failed to file a report in a neighbour realm");
    },
  });
}

export function overflowMetrics({ neighbours }: Stores, overflow: Overflow | undefined): OverflowMetrics {
  const states = neighbours.map((neighbour) => ({ name: neighbour.name, isReady: neighbour.isReady() }));
  return { relayed: overflow?.size ?? 0, neighbours: states };
}
