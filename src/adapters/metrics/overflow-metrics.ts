import { Counter, Gauge, type Registry } from "prom-client";
import type { MetricCounters } from "../../core/metrics/counters.js";
import type { VisitOutcome } from "../../ports/meter.js";

/** What an instance has to do with neighbour realms. */
export interface OverflowMetrics {
  /** The number of matches between realms that it relays. */
  relayed: number;
  neighbours: readonly { name: string; isReady: boolean }[];
}

const VISITS: Record<VisitOutcome, 0> = { matched: 0, nobody: 0, lapsed: 0, away: 0, ended: 0 };

/** Adds the metrics about neighbour realms. */
export function addOverflowMetrics(
  registry: Registry,
  readings: () => MetricCounters,
  read: () => OverflowMetrics,
): void {
  const visits = new Counter({
    name: "satoshigle_visits_total",
    help: "People offered to neighbour realms, and ends of matches with theirs, by outcome",
    labelNames: ["outcome"],
    registers: [registry],
    collect: () => {
      visits.reset();
      for (const [outcome, count] of Object.entries({ ...VISITS, ...readings().visits }))
        visits.inc({ outcome }, count);
    },
  });
  const relayed = new Gauge({
    name: "satoshigle_relayed_matches",
    help: "Current matches between realms that this instance relays",
    registers: [registry],
    collect: () => {
      relayed.set(read().relayed);
    },
  });
  const ready = new Gauge({
    name: "satoshigle_neighbour_ready",
    help: "1 while people may meet those of a neighbour realm, 0 while it is away or has other settings",
    labelNames: ["realm"],
    registers: [registry],
    collect: () => {
      for (const { name, isReady } of read().neighbours) ready.set({ realm: name }, isReady ? 1 : 0);
    },
  });
}
