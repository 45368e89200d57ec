import { sleep } from "../connection/timers.js";

/** The pauses between two looks for money: people wait for the first ones. */
const [FIRST_PAUSE_MS, PAUSE_GROWTH, MAX_PAUSE_MS] = [1_000, 1.15, 15_000];

/**
 * Asks until the answer is yes. A question that fails is asked again. Rejects when `signal` aborts.
 */
export async function pollUntil(isSo: () => Promise<boolean>, signal: AbortSignal): Promise<void> {
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * PAUSE_GROWTH, MAX_PAUSE_MS)) {
    const yes = await isSo().catch(() => false);
    signal.throwIfAborted();
    if (yes) return;
    await sleep(pauseMs, signal);
    signal.throwIfAborted();
  }
}
