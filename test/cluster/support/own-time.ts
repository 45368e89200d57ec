import { setTimeout as sleep } from "node:timers/promises";

/** Between two requests, in milliseconds. */
const PAUSE_MS = 50;

/**
 * Measures how long a server takes to act, in milliseconds, without the delays of a busy machine: twice the slowest
 * answer to a trivial request in the meantime is subtracted, once for each direction.
 */
export async function ownTimeMs(url: string, act: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  let [tookMs, lateMs] = [Infinity, 0];
  const acting = act().finally(() => (tookMs = performance.now() - startMs));
  acting.catch(() => undefined); // thrown below
  while (tookMs === Infinity) {
    const askedMs = performance.now();
    await (await fetch(`${url}/healthz`)).text();
    lateMs = Math.max(lateMs, performance.now() - askedMs);
    await sleep(PAUSE_MS);
  }
  await acting;
  return tookMs - 2 * lateMs;
}
