import { Code, ConnectError } from "@connectrpc/connect";
import { Health, HealthCheckResponse_ServingStatus as Status } from "../../../gen/health/v1/health_pb.js";
import { Notifier, waitFor } from "../../app/notifier.js";
import type { Clock } from "../../ports/clock.js";
import type { InternalService } from "../service.js";

/** How often a watched status is polled, in milliseconds. */
const POLL_MS = 1_000;

/**
 * grpc.health.v1.Health for each service by its full name, and for the server as "". Not serving while draining or while
 * the store is unavailable.
 */
export function healthService(services: readonly string[], isReady: () => boolean, clock: Clock): InternalService {
  const known = new Set(["", ...services]);
  const statusOf = (service: string) => {
    if (!known.has(service)) return Status.SERVICE_UNKNOWN;
    return isReady() ? Status.SERVING : Status.NOT_SERVING;
  };
  return {
    desc: Health,
    addTo: (router) =>
      router.service(Health, {
        check: ({ service }) => {
          if (known.has(service)) return { status: statusOf(service) };
          throw new ConnectError(`service: is unknown; use one of ${[...known].join(", ")}`, Code.NotFound);
        },
        list: () => ({
          statuses: Object.fromEntries([...known].map((service) => [service, { status: statusOf(service) }])),
        }),
        async *watch({ service }, { signal }) {
          let sent: Status | undefined;
          while (!signal.aborted) {
            const status = statusOf(service);
            if (status !== sent) yield { status };
            sent = status;
            await waitFor(new Notifier(), signal, { clock, ms: POLL_MS });
          }
        },
      }),
  };
}
