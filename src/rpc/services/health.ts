import { Code, ConnectError } from "@connectrpc/connect";
import { Health, HealthCheckResponse_ServingStatus as Status } from "../../../gen/health/v1/health_pb.js";
import type { Clock } from "../../ports/clock.js";
import type { InternalService } from "../internal-listener.js";

/** How often a watched status is looked at, in milliseconds. */
const LOOK_MS = 1_000;

/**
 * grpc.health.v1.Health for each service by its full name, and for the server as "". Not serving while draining or when
 * the store is away.
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
          throw new ConnectError(`service: is not known; it may be one of ${[...known].join(", ")}`, Code.NotFound);
        },
        list: () => ({
          statuses: Object.fromEntries([...known].map((service) => [service, { status: statusOf(service) }])),
        }),
        async *watch({ service }, { signal }) {
          let told: Status | undefined;
          while (!signal.aborted) {
            const status = statusOf(service);
            if (status !== told) yield { status };
            told = status;
            await new Promise<void>((resolve) => {
              const go = () => {
                cancel();
                signal.removeEventListener("abort", go);
                resolve();
              };
              const cancel = clock.after(LOOK_MS, go);
              signal.addEventListener("abort", go);
            });
          }
        },
      }),
  };
}
