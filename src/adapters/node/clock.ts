import type { Clock } from "../../ports/clock.js";

/** The machine's time and timers. */
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

/** Milliseconds since some moment, on a clock that nobody sets: for what is only ever compared with itself. */
export const steadyClock: Clock = { ...systemClock, nowMs: () => performance.now() };
