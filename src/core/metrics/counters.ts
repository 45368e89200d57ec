import { type Buckets, BOUNDS_MS } from "./histogram.js";

/** Counters since some moment. They can be added across instances and time. */
export interface MetricCounters {
  /** From Match to Matched, for each side. */
  timeToMatch: Buckets;
  /** From Matched to the partner's first description, for each side that had to wait for it. */
  handshake: Buckets;
  /** From a call of the store to its answer. */
  storeLatency: Buckets;
  /** The delay of the event loop. */
  loopDelay: Buckets;
  /** Matches that began. */
  matches: number;
  /** Signals relayed. */
  signals: number;
  /** Streams that were resumed without a gap, and those that got a snapshot instead. */
  resumed: number;
  gapped: number;
  /** Writes that the store refused. */
  unstored: number;
  /** CPU time used, in milliseconds. */
  cpuMs: number;
  /** Match ends delivered to a side, by reason. */
  ends: Counts;
  /** Calls, by method and code, separated by a space. */
  calls: Counts;
  /** Sessions refused to protect the existing ones, by cause. */
  shed: Counts;
  /** Challenges issued, and solutions accepted and refused. */
  challenges: Counts;
  /** Visits to neighbour realms, by outcome. */
  visits: Counts;
  /** Deposits that reached a state, by state. */
  deposits: Counts;
  /** Tip changes, by the new state. */
  tips: Counts;
  /** New reports, by reason. */
  reports: Counts;
  /** Networks banned, by cause. */
  bans: Counts;
  /** Problems that clients reported, by kind. */
  problems: Counts;
  /** Outcomes of connection tests, by part and result, separated by a space. */
  checks: Counts;
  /** Attempts to deliver webhooks, by outcome. */
  deliveries: Counts;
}

export type Counts = Readonly<Record<string, number>>;

const none: Buckets = { counts: BOUNDS_MS.map(() => 0).concat(0), sumMs: 0 };

/** All zero. */
export const noCounters: MetricCounters = {
  timeToMatch: none,
  handshake: none,
  storeLatency: none,
  loopDelay: none,
  matches: 0,
  signals: 0,
  resumed: 0,
  gapped: 0,
  unstored: 0,
  cpuMs: 0,
  ends: {},
  calls: {},
  shed: {},
  challenges: {},
  visits: {},
  deposits: {},
  tips: {},
  reports: {},
  bans: {},
  problems: {},
  checks: {},
  deliveries: {},
};

export function plus(a: MetricCounters, b: MetricCounters): MetricCounters {
  return combine(a, b, 1);
}

/** The difference between two readings of the same instance. */
export function minus(later: MetricCounters, earlier: MetricCounters): MetricCounters {
  return combine(later, earlier, -1);
}

function combine(a: MetricCounters, b: MetricCounters, sign: 1 | -1): MetricCounters {
  const add = (key: "matches" | "signals" | "resumed" | "gapped" | "unstored" | "cpuMs") => a[key] + sign * b[key];
  const addBuckets = (key: "timeToMatch" | "handshake" | "storeLatency" | "loopDelay"): Buckets => ({
    counts: a[key].counts.map((count, index) => count + sign * (b[key].counts[index] ?? 0)),
    sumMs: a[key].sumMs + sign * b[key].sumMs,
  });
  return {
    timeToMatch: addBuckets("timeToMatch"),
    handshake: addBuckets("handshake"),
    storeLatency: addBuckets("storeLatency"),
    loopDelay: addBuckets("loopDelay"),
    matches: add("matches"),
    signals: add("signals"),
    resumed: add("resumed"),
    gapped: add("gapped"),
    unstored: add("unstored"),
    cpuMs: add("cpuMs"),
    ends: addCounts(a.ends, b.ends, sign),
    calls: addCounts(a.calls, b.calls, sign),
    shed: addCounts(a.shed, b.shed, sign),
    challenges: addCounts(a.challenges, b.challenges, sign),
    visits: addCounts(a.visits, b.visits, sign),
    deposits: addCounts(a.deposits, b.deposits, sign),
    tips: addCounts(a.tips, b.tips, sign),
    reports: addCounts(a.reports, b.reports, sign),
    bans: addCounts(a.bans, b.bans, sign),
    problems: addCounts(a.problems, b.problems, sign),
    checks: addCounts(a.checks, b.checks, sign),
    deliveries: addCounts(a.deliveries, b.deliveries, sign),
  };
}

function addCounts(a: Counts, b: Counts, sign: 1 | -1): Counts {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  const sums = [...names].map((name): [string, number] => [name, (a[name] ?? 0) + sign * (b[name] ?? 0)]);
  return Object.fromEntries(sums.filter(([, sum]) => sum !== 0));
}
