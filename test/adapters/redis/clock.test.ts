import { expect, it } from "vitest";
import { RedisClock } from "../../../src/adapters/redis/clock.js";

/** A machine whose date can be set, while its steady clock continues. */
class Machine {
  dateMs = 1_000_000;
  steadyMs = 500;
  readonly clock = new RedisClock({ nowMs: () => this.dateMs, after: () => () => undefined }, () => this.steadyMs);

  pass(ms: number): void {
    this.dateMs += ms;
    this.steadyMs += ms;
  }

  /** Asks Redis, whose time is that of the middle of the round trip. */
  ask(redisMs: number, tookMs: number): void {
    const sentMs = this.steadyMs;
    this.pass(tookMs);
    this.clock.take(redisMs + tookMs / 2, sentMs);
  }
}

it("returns the machine's time until Redis has answered, and then that of Redis", () => {
  const machine = new Machine();
  expect(machine.clock.nowMs()).toBe(1_000_000);
  machine.ask(1_031_000, 0);
  expect(machine.clock.nowMs()).toBe(1_031_000);
  machine.pass(2_500);
  expect(machine.clock.nowMs()).toBe(1_033_500);
});

it("continues evenly when the machine's date is set, and reports the skew after the next answer", () => {
  const machine = new Machine();
  machine.ask(1_000_000, 0);
  machine.dateMs += 3_600_000;
  expect(machine.clock.nowMs()).toBe(1_000_000);
  expect(machine.clock.isSkewed).toBe(false);
  machine.ask(1_000_000, 10);
  expect(machine.clock.nowMs()).toBe(1_000_010);
  expect(machine.clock.skewMs).toBeCloseTo(3_600_000, -2);
  expect(machine.clock.isSkewed).toBe(true);
  machine.dateMs -= 3_600_000;
  machine.ask(machine.clock.nowMs(), 10);
  expect(machine.clock.isSkewed).toBe(false);
});

it.each([-1, 1])("ignores a skew of %i × 3 s in an answer that took 8 s", (side) => {
  const machine = new Machine();
  machine.ask(machine.dateMs, 0);
  const beforeMs = machine.clock.nowMs();
  machine.ask(machine.dateMs + side * 3_000, 8_000);
  expect(machine.clock.nowMs()).toBe(beforeMs + 8_000);
  expect(machine.clock.skewMs).toBe(0);
});

it("follows a Redis whose clock is set back, as after a failover", () => {
  const machine = new Machine();
  machine.ask(1_000_000, 0);
  machine.ask(970_000, 4);
  expect(Math.abs(machine.clock.nowMs() - 970_004)).toBeLessThanOrEqual(4);
});
