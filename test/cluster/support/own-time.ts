import { setTimeout as sleep } from "node:timers/promises";

/** Between two requests, in milliseconds. */
const PAUSE_MS = 50;

/**
 * How long a server takes for something, in milliseconds, without what a busy machine adds: the longest time in which it
 * answered requests meanwhile that cost it nothing, once for the way there and once for the way back.
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
