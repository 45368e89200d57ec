import type { Client } from "@connectrpc/connect";
import type { MonitoringService, Scope, Stats } from "../../../gen/satoshigle/internal/v1/monitoring_pb.js";

export type MonitoringClient = Client<typeof MonitoringService>;

const RETRY_MS = 2_000;

/** Streams the samples the server keeps, then each new one. Reconnects after a failure and resumes at the cursor. */
export async function watchStats(
  client: MonitoringClient,
  scope: Scope,
  signal: AbortSignal,
  onSample: (stats: Stats) => void,
): Promise<void> {
  let cursor = "0";
  while (!signal.aborted) {
    try {
      for await (const sample of client.watchStats({ scope, cursor }, { signal })) {
        cursor = sample.cursor;
        if (sample.stats) onSample(sample.stats);
      }
    } catch {
      // The page shows that samples are missing. Retry below.
    }
    await pause(RETRY_MS);
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
