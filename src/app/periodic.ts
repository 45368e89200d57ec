import { isStoreAway } from "../core/errors.js";
import type { Clock } from "../ports/clock.js";

/** What is to be done again and again. */
interface PeriodicTask {
  /** How long to rest after each time, in milliseconds. */
  pauseMs: number;
  /** Carries it out; `isStopped` tells whether to go on with a next step. */
  act: (isStopped: () => boolean) => Promise<void>;
  /** Told of what went wrong, unless the store is away: then it is tried again after the next rest. */
  onError: (error: unknown) => void;
}

/** Does something again and again, the first time after a rest. Returns how to stop; what fails after that is not told. */
export function runPeriodically(clock: Clock, { pauseMs, act, onError }: PeriodicTask): () => void {
  let stopped = false;
  let cancel: () => void;
  const run = async () => {
    try {
      await act(() => stopped);
    } catch (error) {
      if (!stopped && !isStoreAway(error)) onError(error);
    }
    if (!stopped) rest();
  };
  const rest = () => {
    cancel = clock.after(pauseMs, () => {
      run().catch(onError);
    });
  };
  rest();
  return () => {
    stopped = true;
    cancel();
  };
}
