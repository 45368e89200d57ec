import type { EndReason } from "../core/match.js";
import type { MetricCounters } from "../core/metrics/counters.js";
import type { ReportReason } from "../core/report.js";
import type { TipState } from "../core/tip.js";

/**
 * Counts what happens on this instance. It is called on the path of every call and every event, so no verb may wait,
 * fail or cost more than an addition.
 */
export interface Meter {
  /** A call was answered, with a code such as `ok` or `resource_exhausted`. A stream is answered when it opens. */
  called(method: string, code: string): void;
  /** A side was told of its match, so long after it asked for one. */
  matched(waitedMs: number): void;
  /** A match began; of its two sides only one tells so. */
  began(): void;
  /** The first offer or answer of the partner came, so long after the match was told. */
  heard(waitedMs: number): void;
  /** A side was told why its match is over. */
  ended(reason: EndReason): void;
  /** A stream came back: without a gap, or with a snapshot instead. */
  returned(resumed: boolean): void;
  /** So many signals were relayed. */
  relayed(signals: number): void;
  /** The store answered, so long after it was asked, or failed. */
  asked(latencyMs: number): void;
  /** The store did not keep what it was given. */
  unstored(): void;
  /** A new session was refused, to protect those that are here. */
  shed(cause: ShedCause): void;
  /** A tip came to a state. */
  tipped(state: TipState): void;
  /** A new report was stored. */
  reported(reason: ReportReason): void;
  /** A network was banned. */
  banned(cause: BanCause): void;
  /** All that was counted since the start. */
  read(): MetricCounters;
}

/** Who banned a network: enough reports, or an operator. */
export type BanCause = "reports" | "operator";

/** `full`: as many sessions as allowed; `late`: the event loop runs late. */
export type ShedCause = "full" | "late";
