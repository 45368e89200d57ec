import { expect, it } from "vitest";
import { systemClock } from "../../src/adapters/node/clock.js";
import { UnsetClock } from "../../src/adapters/node/unset-clock.js";

const [HOUR_MS, DAY_MS] = [3_600_000, 86_400_000];

/** A machine whose time passes, and whose date is set. */
function machine(startMs: number) {
  let [passedMs, setMs] = [0, 0];
  const clock = new UnsetClock(
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

it("lets deadlines come though the machine's clock is set back by an hour, and agrees with it in the end", () => {
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

it("follows a clock that is set ahead, as after a sleep, and one that was wrong by years", () => {
  const there = machine(10_000 * DAY_MS);
  there.set(HOUR_MS);
  expect(there.clock.nowMs()).toBe(there.nowMs);
  there.set(-3_000 * DAY_MS);
  expect(there.clock.nowMs()).toBe(there.nowMs);
});
