import { MonitoringService, Scope as WireScope } from "../../../gen/satoshigle/internal/v1/monitoring_pb.js";
import type { Scope, Stats } from "../../app/stats.js";
import { DomainError } from "../../core/errors.js";
import type { InternalService } from "../internal-listener.js";
import { renderStats } from "../codec/render-stats.js";

/** Takes this instance out of service and puts it back. */
export interface InstanceControl {
  /** Moves the streams to other instances. */
  drain(): Promise<void>;
  /** @throws DomainError `draining` when the process is stopping */
  resume(): void;
}

/** `MonitoringService`. */
export function monitoringService(stats: Stats, instance: InstanceControl): InternalService {
  return {
    desc: MonitoringService,
    longRunning: [MonitoringService.method.drainInstance], // for as long as DRAIN_TIMEOUT_MS
    addTo: (router) =>
      router.service(MonitoringService, {
        async getStats({ scope }) {
          return { stats: renderStats(await stats.get(parseScope(scope))) };
        },

        async *watchStats({ scope, cursor }, { signal }) {
          for await (const figures of stats.watch(parseScope(scope), parseCursor(cursor), signal)) {
            yield { cursor: String(figures.atMs), stats: renderStats(figures) };
          }
        },

        async drainInstance() {
          await instance.drain();
          return {};
        },

        resumeInstance() {
          instance.resume();
          return {};
        },
      }),
  };
}

function parseScope(scope: WireScope): Scope {
  return scope === WireScope.CLUSTER ? "cluster" : "node";
}

function parseCursor(cursor: string): number | undefined {
  if (cursor === "") return undefined;
  if (/^(0|[1-9]\d{0,14})$/.test(cursor)) return Number(cursor);
  throw new DomainError("field_invalid", "cursor: is none of this service", { field: "cursor" });
}
