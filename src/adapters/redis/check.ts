import type { Redis } from "ioredis";
import type { Clock } from "../../ports/clock.js";
import type { Store } from "./store.js";

/** How far the clocks of a node and of Redis may be apart, in milliseconds: deadlines are set by one node, kept by all. */
const SKEW_MS = 1_000;

/**
 * Refuses a Redis that would lose what it was told, or whose clock is not ours.
 * @throws Error that says what to change
 */
export async function checkRedis(store: Store, clock: Clock, isProduction: boolean): Promise<void> {
  const client = store.client as Redis;
  const beforeMs = clock.nowMs();
  const [seconds, microseconds] = await client.time();
  const redisMs = Number(seconds) * 1000 + Number(microseconds) / 1000;
  const skewMs = Math.round(redisMs - (beforeMs + clock.nowMs()) / 2);
  if (Math.abs(skewMs) > SKEW_MS) {
    throw new Error(`the clock of Redis differs by ${String(skewMs)} ms; keep both within ${String(SKEW_MS)} ms (NTP)`);
  }
  const policy = /maxmemory_policy:(\S+)/.exec(await client.info("memory"))?.[1];
  if (isProduction && policy !== "noeviction") {
    throw new Error(`Redis evicts keys (maxmemory-policy ${policy ?? "unknown"}): set it to noeviction`);
  }
}
