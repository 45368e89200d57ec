import { useEffect, useState } from "preact/hooks";
import type { Scope, Stats } from "../../../gen/satoshigle/internal/v1/monitoring_pb.js";
import { type MonitoringClient, watchStats } from "./watch-stats.js";

/** Five minutes of samples, as many as the server keeps. */
export const SAMPLES_KEPT = 60;

/** The server sends a sample every five seconds. */
const STALE_MS = 12_000;

/** The latest samples of a scope, and whether they are out of date. */
export function useSamples(client: MonitoringClient, scope: Scope): { samples: readonly Stats[]; isStale: boolean } {
  const [samples, setSamples] = useState<readonly Stats[]>([]);
  const [isStale, setStale] = useState(false);
  useEffect(() => {
    const watching = new AbortController();
    setSamples([]);
    void watchStats(client, scope, watching.signal, (stats) => {
      if (watching.signal.aborted) return;
      setSamples((kept) => [...kept, stats].slice(-SAMPLES_KEPT));
    });
    return () => {
      watching.abort();
    };
  }, [client, scope]);
  useEffect(() => {
    setStale(false);
    const timer = setTimeout(() => {
      setStale(true);
    }, STALE_MS);
    return () => {
      clearTimeout(timer);
    };
  }, [samples]);
  return { samples, isStale };
}
