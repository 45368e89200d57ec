/** The longest delay to set a timer for: browsers fire at once when a delay overflows, at about 24 days. */
export const MAX_TIMER_MS = 86_400_000;

const FIRST_BACKOFF_MS = 250;
/** Less than doubling, which would overshoot the few seconds that a server restart takes. */
const BACKOFF_GROWTH = 1.6;
const MAX_BACKOFF_MS = 10_000;

/**
 * Returns the delay before retry number `failures` (from 0): exponential with full jitter, so that thousands of clients
 * that lost the same server do not reconnect in step.
 * @param spreadMs what to spread it over at least, if the server has said how long it takes to open so many streams
 */
export function backoffMs(failures: number, spreadMs = 0): number {
  const mostMs = Math.max(FIRST_BACKOFF_MS * BACKOFF_GROWTH ** failures, spreadMs);
  return Math.round(Math.random() * Math.min(MAX_BACKOFF_MS, mostMs));
}

/** Resolves after `ms`, or as soon as `signal` aborts. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) {
      resolve();
      return;
    }
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener("abort", done);
  });
}
