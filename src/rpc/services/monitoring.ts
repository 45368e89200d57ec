import { MonitoringService } from "../../../gen/satoshigle/internal/v1/monitoring_pb.js";
import type { Stats } from "../../app/stats.js";
import { parseScope, parseStatsCursor } from "../codec/parse-internal.js";
import { renderStats } from "../codec/render-stats.js";
import type { InternalService } from "../service.js";

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
    longRunning: [MonitoringService.method.drainInstance], // takes up to DRAIN_TIMEOUT_MS
    addTo: (router) =>
      router.service(MonitoringService, {
        async getStats({ scope }) {
          return { stats: renderStats(await stats.get(parseScope(scope))) };
        },

        async *watchStats({ scope, cursor }, { signal }) {
          for await (const snapshot of stats.watch(parseScope(scope), parseStatsCursor(cursor), signal)) {
            yield { cursor: String(snapshot.atMs), stats: renderStats(snapshot) };
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
