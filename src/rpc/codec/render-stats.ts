import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { type Duration, DurationSchema, timestampFromMs } from "@bufbuild/protobuf/wkt";
import {
  type DistributionSchema,
  type Stats,
  StatsSchema,
  type WebhookReceiverSchema,
} from "../../../gen/satoshigle/internal/v1/monitoring_pb.js";
import type { StatsSnapshot, StoreStats } from "../../app/stats.js";
import type { WebhookStatus } from "../../app/webhooks.js";
import { type Distribution, distributionIn } from "../../core/metrics/histogram.js";
import type { Counts, MetricCounters } from "../../core/metrics/counters.js";
import type { InstanceStats } from "../../core/metrics/instance-stats.js";

type StatsInit = Exclude<MessageInitShape<typeof StatsSchema>, Stats>;

/** Renders a snapshot of the statistics. */
export function renderStats({ atMs, sample, store }: StatsSnapshot): Stats {
  return create(StatsSchema, {
    createTime: timestampFromMs(atMs),
    ...renderInstances(sample),
    ...renderCounters(sample.counted),
    ...(store && renderStore(store)),
  });
}

function renderInstances(sample: InstanceStats): StatsInit {
  return {
    instanceCount: sample.nodes,
    streamCount: sample.streams,
    signalRate: sample.signalRate,
    matchRate: sample.matchRate,
    callRate: sample.callRate,
    cpuCores: sample.cpuCores,
    memoryBytes: BigInt(Math.round(sample.memoryBytes)),
    ready: sample.ready,
  };
}

function renderCounters(counted: MetricCounters): StatsInit {
  const { resumed, gapped } = counted;
  return {
    timeToMatch: renderDistribution(distributionIn(counted.timeToMatch)),
    handshakeTime: renderDistribution(distributionIn(counted.handshake)),
    storeLatency: renderDistribution(distributionIn(counted.storeLatency)),
    eventLoopDelay: renderDistribution(distributionIn(counted.loopDelay)),
    ...(resumed + gapped > 0 && { resumeRate: resumed / (resumed + gapped) }),
    ends: byFrequency(counted.ends).map(([reason, count]) => ({ reason, sideCount: BigInt(count) })),
    refusals: refusalsIn(counted.calls).map(([method, code, count]) => ({ method, code, callCount: BigInt(count) })),
    sheds: byFrequency(counted.shed).map(([cause, count]) => ({ cause, sessionCount: BigInt(count) })),
  };
}

function renderStore({ sessions, waiting, matches, queueAge, bans, webhooks }: StoreStats): StatsInit {
  return {
    sessionCount: sessions,
    waitingCount: waiting,
    matchCount: matches,
    banCount: bans,
    queueAge: renderDistribution(queueAge),
    webhooks: webhooks.map(renderReceiver),
  };
}

function renderReceiver(status: WebhookStatus): MessageInitShape<typeof WebhookReceiverSchema> {
  const { name, failures: failureCount, failingSinceMs, nextAttemptMs, problem, oldestPendingMs, acceptedMs } = status;
  return {
    ...{ name, failureCount, problem },
    ...(failingSinceMs > 0 && { failingSince: timestampFromMs(failingSinceMs) }),
    ...(nextAttemptMs > 0 && { nextAttemptTime: timestampFromMs(nextAttemptMs) }),
    ...(acceptedMs !== undefined && { lastSuccessTime: timestampFromMs(acceptedMs) }),
    ...(oldestPendingMs !== undefined && { oldestPendingTime: timestampFromMs(oldestPendingMs) }),
  };
}

function renderDistribution({ count, p50Ms, p90Ms, p99Ms }: Distribution): MessageInitShape<typeof DistributionSchema> {
  return { count: BigInt(count), p50: duration(p50Ms), p90: duration(p90Ms), p99: duration(p99Ms) };
}

/** Rounds to the microsecond, the precision of the measurements. */
function duration(ms: number): Duration {
  const us = Math.round(ms * 1000);
  return create(DurationSchema, { seconds: BigInt(Math.floor(us / 1e6)), nanos: (us % 1e6) * 1000 });
}

function refusalsIn(calls: Counts): [method: string, code: string, count: number][] {
  return byFrequency(calls).flatMap(([call, count]) => {
    const [method = "", code = ""] = call.split(" ");
    return code === "ok" ? [] : [[method, code, count]];
  });
}

/** Sorts counts, highest first. */
function byFrequency(counts: Counts): [name: string, count: number][] {
  return Object.entries(counts).sort(([a, one], [b, other]) => other - one || a.localeCompare(b));
}
