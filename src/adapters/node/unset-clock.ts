import type { Clock } from "../../ports/clock.js";
import { steadyClock, systemClock } from "./clock.js";

/** Set back by more than this, the machine's clock was wrong before, and is followed at once, in milliseconds. */
const MOST_AHEAD_MS = 24 * 60 * 60_000;
/** So much slower goes this clock until a machine's that was set back has caught up with it. */
const SLOWER = 0.1;

/**
 * The machine's time for deadlines and limits: one that is set ahead is followed at once, as after a sleep, but one that is
 * set back would hold up every deadline for as long. So this clock goes on then, a little slower, until the two agree.
 */
export class UnsetClock implements Clock {
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
    const goneOnMs = this.#lastMs + (steadyMs - this.#lastSteadyMs) * (1 - SLOWER);
    this.#lastMs = goneOnMs - machineMs > MOST_AHEAD_MS ? machineMs : Math.max(machineMs, goneOnMs);
    this.#lastSteadyMs = steadyMs;
    return Math.floor(this.#lastMs);
  }

  after(delayMs: number, run: () => void): () => void {
    return this.machine.after(delayMs, run);
  }

  /** How far the machine's time is ahead, in milliseconds; below 0 after it was set back. */
  get skewMs(): number {
    return Math.min(0, this.machine.nowMs() - this.nowMs());
  }
}
