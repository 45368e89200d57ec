import { collectDefaultMetrics, Counter, Gauge, Registry } from "prom-client";
import type { Distribution } from "../../core/metrics/histogram.js";
import { type Counts, noCounters, type MetricCounters } from "../../core/metrics/counters.js";
import type { ClientProblem } from "../../core/client-problem.js";
import { CHECK_PARTS, CHECK_RESULTS } from "../../core/connection-check.js";
import type { EndReason } from "../../core/match.js";
import type { ReportReason } from "../../core/report.js";
import type { TipState } from "../../core/tip.js";
import type { BanCause, ChallengeOutcome, DepositOutcome, ShedCause } from "../../ports/meter.js";
import type { WebhookOutcome } from "../../ports/webhook-sender.js";
import { addNodeGauges, type NodeMetrics } from "./node-gauges.js";
import { addOverflowMetrics, type OverflowMetrics } from "./overflow-metrics.js";
import { ReadHistogram } from "./read-histogram.js";

/** The values that metrics are read from on a scrape. */
export interface MetricSource {
  /** The server version, such as `1.2.3`. */
  version: string;
  /** Returns the counters since startup. */
  read(): MetricCounters;
  overflow: () => OverflowMetrics;
  streams(): number;
  isReady(): boolean;
  /** Number of problems with the stores and the TURN provider, even if they serve requests. */
  troubles(): number;
  /** How long TURN credentials that are issued now are valid, in milliseconds; undefined without a relay. */
  turnCredentialsLeftMs(): number | undefined;
  /** How far the system clock is ahead of that of the store, in milliseconds. */
  clockSkewMs(): number;
  /** The time by the clock of the store, in milliseconds. */
  nowMs(): number;
  /** Returns the values of the store; undefined while it is unavailable. */
  readStore(): Promise<StoreMetrics | undefined>;
  /** Returns what the operator's Lightning node said last; undefined without one. */
  readNode(): Promise<NodeMetrics | undefined>;
}

/** A receiver of webhooks. */
interface ReceiverMetrics {
  name: string;
  failures: number;
  oldestPendingMs: number | undefined;
}

export interface StoreMetrics {
  sessions: number;
  bans: number;
  waiting: number;
  matches: number;
  queueAge: Distribution;
  webhooks: readonly ReceiverMetrics[];
}

/** Initial series at 0: `rate()` misses the first increment of a series that did not exist before. */
const ENDS: Record<EndReason, 0> = {
  ...{ left: 0, partner_left: 0, partner_skipped: 0, partner_lost: 0 },
  ...{ unresponsive: 0, partner_unresponsive: 0, reported: 0, banned: 0, dismissed: 0 },
};
const SHED: Record<ShedCause, 0> = { full: 0, late: 0 };
const CHALLENGES: Record<ChallengeOutcome, 0> = { issued: 0, solved: 0, refused: 0 };
const DEPOSITS: Record<DepositOutcome, 0> = {
  ...{ asked: 0, held: 0, released: 0, forfeited: 0, lapsed: 0, waived: 0 },
};
const TIPS: Record<TipState, 0> = {
  ...{ offered: 0, invoiced: 0, received: 0, settled: 0 },
  ...{ declined: 0, cancelled: 0, expired: 0 },
};
const REPORTS: Record<ReportReason, 0> = {
  ...{ sexual_content: 0, harassment: 0, violence: 0, minor: 0, spam: 0, other: 0 },
};
const PROBLEMS: Record<ClientProblem, 0> = { ice_url_refused: 0, turn_credentials_refused: 0, relay_missing: 0 };
const CHECKS: Counts = Object.fromEntries(
  CHECK_PARTS.flatMap((part) => CHECK_RESULTS.map((result) => [`${part} ${result}`, 0])),
);
const DELIVERIES: Record<WebhookOutcome["state"], 0> = { accepted: 0, failed: 0 };
const BANS: Record<BanCause, 0> = { reports: 0, operator: 0 };

/** Metrics of the process. They start timers and observers, so all servers in a process share one set. */
let processMetrics: Registry | undefined;

/** Metrics in the Prometheus text format. Values are collected only on a scrape. */
export class Metrics {
  readonly #registry = new Registry();
  #readings = noCounters;
  #store: StoreMetrics | undefined;
  #node: NodeMetrics | undefined;

  constructor(private readonly source: MetricSource) {
    this.#addCounts();
    this.#addTimes();
    this.#addGauges();
    this.#addStoreGauges();
    this.#addWebhookGauges();
    addOverflowMetrics(this.#registry, () => this.#readings, this.source.overflow);
    addNodeGauges(this.#registry, () => this.#node);
    processMetrics ??= collectedByDefault();
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  async text(): Promise<string> {
    this.#readings = this.source.read();
    this.#store = await this.source.readStore();
    this.#node = await this.source.readNode();
    return (await this.#registry.metrics()) + ((await processMetrics?.metrics()) ?? "");
  }

  #addCounts(): void {
    this.#counts("calls", "Calls of the public API, by method and code; a stream counts when it opens", {
      labels: ["method", "code"],
      from: ({ calls }) => calls,
    });
    this.#counts("match_ends", "Match ends sent to sessions, by reason", {
      labels: ["reason"],
      from: ({ ends }) => ({ ...ENDS, ...ends }),
    });
    this.#addRefusals();
    this.#counts("tips", "State changes of tips, by new state", {
      labels: ["state"],
      from: ({ tips }) => ({ ...TIPS, ...tips }),
    });
    this.#counts("reports", "New reports, by reason", {
      labels: ["reason"],
      from: ({ reports }) => ({ ...REPORTS, ...reports }),
    });
    this.#counts("bans", "Networks banned, by cause: enough reports, or an operator", {
      labels: ["cause"],
      from: ({ bans }) => ({ ...BANS, ...bans }),
    });
    this.#addClientCounts();
    this.#counts("returned_streams", "Streams opened again: resumed, or after a gap with a snapshot", {
      labels: ["how"],
      from: ({ resumed, gapped }) => ({ resumed, gap: gapped }),
    });
    this.#counts("matches_begun", "Matches begun", { labels: [], from: ({ matches }) => ({ "": matches }) });
    this.#counts("signals", "Signals relayed", { labels: [], from: ({ signals }) => ({ "": signals }) });
    this.#counts("webhook_deliveries", "Attempts to deliver webhooks, by outcome", {
      labels: ["outcome"],
      from: ({ deliveries }) => ({ ...DELIVERIES, ...deliveries }),
    });
    const failures = "Writes of reports, bans, tips and events that failed";
    this.#counts("store_write_failures", failures, { labels: [], from: ({ unstored }) => ({ "": unstored }) });
  }

  /** What keeps new sessions out. */
  #addRefusals(): void {
    this.#counts("shed_sessions", "New sessions rejected to protect existing ones, by cause", {
      labels: ["cause"],
      from: ({ shed }) => ({ ...SHED, ...shed }),
    });
    this.#counts("challenges", "Challenges issued to new sessions, and solutions accepted and refused", {
      labels: ["outcome"],
      from: ({ challenges }) => ({ ...CHALLENGES, ...challenges }),
    });
    this.#counts("deposits", "Deposits of newcomers that reached a state, by state", {
      labels: ["state"],
      from: ({ deposits }) => ({ ...DEPOSITS, ...deposits }),
    });
  }

  /** What clients report. */
  #addClientCounts(): void {
    this.#counts("client_problems", "Problems that clients reported, by kind", {
      labels: ["problem"],
      from: ({ problems }) => ({ ...PROBLEMS, ...problems }),
    });
    this.#counts("connection_checks", "Outcomes of the connection tests of clients, by part and result", {
      labels: ["part", "result"],
      from: ({ checks }) => ({ ...CHECKS, ...checks }),
    });
  }

  #addTimes(): void {
    const add = (name: string, help: string, from: (readings: MetricCounters) => MetricCounters["timeToMatch"]) => {
      const config = { name: `satoshigle_${name}_seconds`, help, registers: [this.#registry] };
      new ReadHistogram(config, () => from(this.#readings));
    };
    add("time_to_match", "Time from Match to Matched, per side", ({ timeToMatch }) => timeToMatch);
    add("handshake", "Time from Matched to the partner's first signal", ({ handshake }) => handshake);
    add("store_latency", "Latency of store calls", ({ storeLatency }) => storeLatency);
    add("event_loop_delay", "Delay of the event loop", ({ loopDelay }) => loopDelay);
  }

  #addGauges(): void {
    const build = new Gauge({
      name: "satoshigle_build_info",
      help: "Always 1; the label is the server version",
      labelNames: ["version"],
      registers: [this.#registry],
    });
    build.set({ version: this.source.version }, 1);
    this.#gauge("streams", "Open streams", () => this.source.streams());
    this.#gauge("ready", "1 while new streams are accepted", () => (this.source.isReady() ? 1 : 0));
    const troubles = "Problems with the stores, the TURN provider and the keys of the app, as listed by /readyz";
    this.#gauge("troubles", troubles, () => this.source.troubles());
    const left = "Validity of TURN credentials that are issued now; 0 while there are none";
    this.#gauge("turn_credentials_seconds", left, () => {
      const leftMs = this.source.turnCredentialsLeftMs();
      return leftMs === undefined ? undefined : leftMs / 1000;
    });
    const skew = "How far the system clock is ahead of the instances' shared clock; 0 if within measurement error";
    this.#gauge("clock_skew_seconds", skew, () => this.source.clockSkewMs() / 1000);
  }

  /** All instances report the same values. */
  #addStoreGauges(): void {
    const all = ", across all instances that share the store: aggregate with max, not sum";
    this.#gauge("sessions", `Sessions, with an open stream or away${all}`, () => this.#store?.sessions);
    this.#gauge("bans", `Bans in force${all}`, () => this.#store?.bans);
    this.#gauge("waiting_sessions", `Sessions in the queue${all}`, () => this.#store?.waiting);
    this.#gauge("matches", `Current matches${all}`, () => this.#store?.matches);
    const age = (percentile: string, from: (queueAge: Distribution) => number) => {
      this.#gauge(
        `queue_age_p${percentile}_seconds`,
        `Wait so far of the sessions in the queue, ${percentile}th percentile${all}`,
        () => this.#store && from(this.#store.queueAge) / 1000,
      );
    };
    age("50", ({ p50Ms }) => p50Ms);
    age("90", ({ p90Ms }) => p90Ms);
    age("99", ({ p99Ms }) => p99Ms);
  }

  /** All instances report the same values. */
  #addWebhookGauges(): void {
    const failures = "Consecutive failures to deliver a webhook, by receiver: aggregate with max, not sum";
    this.#receiverGauge("webhook_failures", failures, (receiver) => receiver.failures);
    const delay = "Age of the oldest event that a receiver of webhooks has not got: aggregate with max, not sum";
    this.#receiverGauge("webhook_delay_seconds", delay, ({ oldestPendingMs }) =>
      oldestPendingMs === undefined ? 0 : Math.max(0, this.source.nowMs() - oldestPendingMs) / 1000,
    );
  }

  #receiverGauge(name: string, help: string, from: (receiver: ReceiverMetrics) => number): void {
    const gauge = new Gauge({
      ...{ name: `satoshigle_${name}`, help, labelNames: ["receiver"], registers: [this.#registry] },
      collect: () => {
        gauge.reset();
        for (const receiver of this.#store?.webhooks ?? []) gauge.set({ receiver: receiver.name }, from(receiver));
      },
    });
  }

  /** Adds a counter. The keys of its counts are the label values, joined by spaces. */
  #counts(
    name: string,
    help: string,
    { labels, from }: { labels: string[]; from: (readings: MetricCounters) => Counts },
  ) {
    const counter = new Counter({
      name: `satoshigle_${name}_total`,
      help,
      labelNames: labels,
      registers: [this.#registry],
      collect: () => {
        counter.reset();
        for (const [values, count] of Object.entries(from(this.#readings))) {
          const given = values.split(" ");
          counter.inc(Object.fromEntries(labels.map((label, index) => [label, given[index] ?? ""])), count);
        }
      },
    });
  }

  #gauge(name: string, help: string, from: () => number | undefined): void {
    const gauge = new Gauge({
      name: `satoshigle_${name}`,
      help,
      registers: [this.#registry],
      collect: () => {
        const value = from();
        if (value === undefined) gauge.remove();
        else gauge.set(value);
      },
    });
  }
}

function collectedByDefault(): Registry {
  const register = new Registry();
  collectDefaultMetrics({ register });
  // These are gauges with the names of counters. `nodejs_active_resources` and the others have the same values by type.
  for (const kind of ["handles", "requests", "resources"]) register.removeSingleMetric(`nodejs_active_${kind}_total`);
  return register;
}
