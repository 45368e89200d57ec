import type { Clock } from "../../ports/clock.js";

/** Skew between the system clock and Redis that is not reported, in milliseconds. */
export const SKEW_MS = 1_000;

/**
 * The time that all instances of a realm share: that of Redis. Between samples it advances with the monotonic clock, so
 * that a system clock that is wrong, or is set while the process runs, has no effect.
 */
export class RedisClock implements Clock {
  /** How far Redis' time is ahead of the monotonic clock. */
  #offsetMs: number;
  #skewMs = 0;

  /** @param machine the system clock, used until the first sample from Redis */
  constructor(
    private readonly machine: Clock,
    private readonly steadyMs: () => number = () => performance.now(),
  ) {
    this.#offsetMs = machine.nowMs() - steadyMs();
  }

  nowMs(): number {
    return Math.floor(this.steadyMs() + this.#offsetMs);
  }

  after(delayMs: number, run: () => void): () => void {
    return this.machine.after(delayMs, run);
  }

  /**
   * How far the system clock was ahead of Redis at the last sample, as far as that is certain, in milliseconds;
   * negative if it was behind.
   */
  get skewMs(): number {
    return this.#skewMs;
  }

  /**
   * Takes a sample of Redis' time, read at some moment since a call was sent. Corrects the clock only by the error that
   * is certain, so that a slow reply does not move it.
   * @param sentMs when the call was sent, by the monotonic clock
   */
  take(redisMs: number, sentMs: number): void {
    const receivedMs = this.steadyMs();
    this.#offsetMs = clamp(this.#offsetMs, redisMs - receivedMs, redisMs - sentMs);
    const aheadMs = this.machine.nowMs() - redisMs;
    this.#skewMs = clamp(0, aheadMs - (receivedMs - sentMs), aheadMs);
  }

  /** Whether the system clock is so far off that it should be set. */
  get isSkewed(): boolean {
    return Math.abs(this.#skewMs) > SKEW_MS;
  }
}

function clamp(value: number, min: number, max: number): number {
  return Math.min(Math.max(value, min), max);
}
