import type { Clock } from "../../ports/clock.js";
import { steadyClock, systemClock } from "./clock.js";

/**
 * If the system clock is set back by more than this, its earlier time was wrong and the new time is used at once, in
 * milliseconds.
 */
const MAX_AHEAD_MS = 24 * 60 * 60_000;
/** How much slower this clock runs until a system clock that was set back has caught up. */
const SLOWER = 0.1;

/**
 * A clock for deadlines and limits. When the system clock is set ahead, as after a sleep, this clock follows at once.
 * When it is set back, following would delay every deadline, so this clock runs a little slower until the two agree.
 */
export class SlewingClock implements Clock {
  #lastMs: number;
  #lastSteadyMs: number;

  constructor(
    private readonly machine: Clock = systemClock,
    private readonly steady: Clock = steadyClock,
  ) {
    this.#lastMs = machine.nowMs();
    this.#lastSteadyMs = steady.nowMs();
  }

  nowMs(): number {
    const [machineMs, steadyMs] = [this.machine.nowMs(), this.steady.nowMs()];
    const continuedMs = this.#lastMs + (steadyMs - this.#lastSteadyMs) * (1 - SLOWER);
    this.#lastMs = continuedMs - machineMs > MAX_AHEAD_MS ? machineMs : Math.max(machineMs, continuedMs);
    this.#lastSteadyMs = steadyMs;
    return Math.floor(this.#lastMs);
  }

  after(delayMs: number, run: () => void): () => void {
    return this.machine.after(delayMs, run);
  }

  /** How far the system clock is ahead of this one, in milliseconds; negative after it was set back. */
  get skewMs(): number {
    return Math.min(0, this.machine.nowMs() - this.nowMs());
  }
}
