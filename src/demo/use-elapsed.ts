import { useEffect, useState } from "preact/hooks";

/** How long `running` has been true on this page, in milliseconds, updated every second. */
export function useElapsed(running: boolean): number {
  const [elapsedMs, setElapsedMs] = useState(0);
  useEffect(() => {
    setElapsedMs(0);
    if (!running) return;
    const startMs = performance.now();
    const timer = setInterval(() => setElapsedMs(performance.now() - startMs), 1_000);
    return () => clearInterval(timer);
  }, [running]);
  return elapsedMs;
}
