import type { Clock } from "../../ports/clock.js";

/** The system clock and timers. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs);
    timer.unref();
    return () => {
      clearTimeout(timer);
    };
  },
};

/** A monotonic clock in milliseconds. Its origin is arbitrary: use it only to measure durations. */
export const steadyClock: Clock = { ...systemClock, nowMs: () => performance.now() };
