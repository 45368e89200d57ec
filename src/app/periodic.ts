import { isStoreAway } from "../core/errors.js";
import type { Clock } from "../ports/clock.js";

interface PeriodicTask {
  /** The pause after each run, in milliseconds. */
  pauseMs: number;
  /** Performs one run. A long run checks `isStopped` to end early. */
  act: (isStopped: () => boolean) => Promise<void>;
  /** Called with each error, except when the store is unavailable; the next run then retries. */
  onError: (error: unknown) => void;
}

/**
 * Runs a task periodically, starting after a pause.
 * @returns a function that stops the task; later errors are not reported
 */
export function runPeriodically(clock: Clock, { pauseMs, act, onError }: PeriodicTask): () => void {
  let stopped = false;
  let cancel: () => void;
  const run = async () => {
    try {
      await act(() => stopped);
    } catch (error) {
      if (!stopped && !isStoreAway(error)) onError(error);
    }
    if (!stopped) pause();
  };
  const pause = () => {
    cancel = clock.after(pauseMs, () => {
      run().catch(onError);
    });
  };
  pause();
  return () => {
    stopped = true;
    cancel();
  };
}
