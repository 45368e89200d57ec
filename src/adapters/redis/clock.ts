import type { Clock } from "../../ports/clock.js";

/** How far the machine's clock may be from that of Redis without a word, in milliseconds. */
export const SKEW_MS = 1_000;

/**
 * The time by which all instances of a realm judge: that of Redis. Between two looks at it, it goes on with the machine's
 * steady clock, which nobody sets; so a machine whose date is wrong, or is set while the process runs, harms nobody.
 */
export class RedisClock implements Clock {
  /** What Redis' time is ahead of the steady clock. */
  #offsetMs: number;
  #skewMs = 0;

  /** @param machine the machine's own time, which is believed until Redis was asked */
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

  /** How far the machine's time was ahead of Redis' at the last look, as far as that is certain, in milliseconds. */
  get skewMs(): number {
    return this.#skewMs;
  }

  /**
   * Takes in Redis' time, as it was at some moment since a call was sent. The clock is moved only as far as it is surely
   * wrong, so that a slow answer does not move it.
   * @param sentMs of the steady clock
   */
  take(redisMs: number, sentMs: number): void {
    const receivedMs = this.steadyMs();
    this.#offsetMs = clamp(this.#offsetMs, redisMs - receivedMs, redisMs - sentMs);
    const aheadMs = this.machine.nowMs() - redisMs;
    this.#skewMs = clamp(0, aheadMs - (receivedMs - sentMs), aheadMs);
  }

  /** Whether the machine's clock is so far off that somebody should set it. */
  get isSkewed(): boolean {
    return Math.abs(this.#skewMs) > SKEW_MS;
  }
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}
