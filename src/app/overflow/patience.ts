import { isStoreAway } from "../../core/errors.js";
import type { Clock } from "../../ports/clock.js";
import type { Random } from "../../ports/random.js";
import { storeRetryMs } from "../store-retry.js";

/** Each delay is twice as long as the one before, up to this many times the first. */
const MOST = 8;

/** Rejects pending calls of `until` when the work stops. */
export class Stopped extends Error {
  override readonly name = "Stopped";
}

/** Repeats steps that are safe to repeat until the store answers. */
export class Patience {
  #isStopped = false;
  readonly #waiting = new Set<() => void>();

  constructor(
    private readonly clock: Pick<Clock, "after">,
    private readonly random: Random,
  ) {}

  get isStopped(): boolean {
    return this.#isStopped;
  }

  /** @throws Stopped */
  async until<T>(step: () => Promise<T> | T): Promise<T> {
    for (let factor = 1; ; factor = Math.min(2 * factor, MOST)) {
      if (this.#isStopped) throw new Stopped();
      try {
        return await step();
      } catch (error) {
        if (!isStoreAway(error)) throw error;
      }
      await this.#pause(factor * storeRetryMs(this.random));
    }
  }

  /** Rejects all pending calls. */
  stop(): void {
    this.#isStopped = true;
    for (const wake of this.#waiting) wake();
  }

  async #pause(ms: number): Promise<void> {
    let wake: () => void = () => undefined;
    const over = new Promise<void>((resolve) => (wake = resolve));
    const cancel = this.clock.after(ms, wake);
    this.#waiting.add(wake);
    await over;
    this.#waiting.delete(wake);
    cancel();
  }
}
