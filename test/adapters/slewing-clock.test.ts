import { expect, it } from "vitest";
import { systemClock } from "../../src/adapters/node/clock.js";
import { SlewingClock } from "../../src/adapters/node/slewing-clock.js";

const [HOUR_MS, DAY_MS] = [3_600_000, 86_400_000];

/** A machine with a settable date. */
function machine(startMs: number) {
  let [passedMs, setMs] = [0, 0];
  const clock = new SlewingClock(
    { ...systemClock, nowMs: () => startMs + passedMs + setMs },
    { ...systemClock, nowMs: () => passedMs },
  );
  return {
    clock,
    pass: (ms: number) => void (passedMs += ms),
    set: (ms: number) => void (setMs += ms),
    get nowMs() {
      return startMs + passedMs + setMs;
    },
  };
}

it("keeps deadlines when the system clock is set back by an hour, and agrees with it in the end", () => {
  const { clock, pass, set } = machine(10 * DAY_MS);
  const beforeMs = clock.nowMs();
  set(-HOUR_MS);
  expect(clock.nowMs()).toBe(beforeMs);
  pass(60_000);
  expect(clock.nowMs()).toBe(beforeMs + 54_000);
  expect(clock.skewMs).toBe(6_000 - HOUR_MS);
  for (let hours = 0; hours < 11; hours++) {
    pass(HOUR_MS);
    clock.nowMs();
  }
  expect(clock.skewMs).toBe(0);
});

it("follows a clock that is set ahead, as after a sleep, or that was wrong by years", () => {
  const there = machine(10_000 * DAY_MS);
  there.set(HOUR_MS);
  expect(there.clock.nowMs()).toBe(there.nowMs);
  there.set(-3_000 * DAY_MS);
  expect(there.clock.nowMs()).toBe(there.nowMs);
});
