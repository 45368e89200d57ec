const FIRST_MS = 250;
/** A restart of the server takes seconds: doubling would overshoot it by far. */
const GROWTH = 1.6;
const MOST_MS = 10_000;

/**
 * How long to wait before try number `failures` (from 0): exponential with full jitter, so that thousands of clients
 * that lost the same server do not come back in step.
 */
export function backoffMs(failures: number, random: () => number = Math.random): number {
  return Math.round(random() * Math.min(MOST_MS, FIRST_MS * GROWTH ** Math.min(failures, 20)));
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
