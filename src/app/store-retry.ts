import type { Random } from "../ports/random.js";

/** The average delay before an unavailable store is tried again, in milliseconds. */
const STORE_RETRY_MS = 500;

/** Returns a random retry delay, so that streams do not retry all at once. */
export function storeRetryMs(random: Random): number {
  return STORE_RETRY_MS * (0.5 + random.float());
}
