import type { Quota, Quotas, Taking } from "../../ports/quotas.js";

/** Quotas of a single process. */
export class MemoryQuotas implements Quotas {
  readonly #windows = new Map<string, { endMs: number; taken: number }>();
  #sweepAtMs = 0;

  take({ name, max, windowMs, nowMs }: Quota): Promise<Taking> {
    this.#sweep(nowMs, windowMs);
    const known = this.#windows.get(name);
    const window = known && nowMs < known.endMs ? known : { endMs: nowMs + windowMs, taken: 0 };
    if (window.taken >= max) return Promise.resolve({ state: "used_up", retryAfterMs: window.endMs - nowMs });
    window.taken++;
    this.#windows.set(name, window);
    return Promise.resolve({ state: "taken" });
  }

  /** Deletes windows that have ended, once per window length. */
  #sweep(nowMs: number, windowMs: number): void {
    if (nowMs < this.#sweepAtMs) return;
    this.#sweepAtMs = nowMs + windowMs;
    for (const [name, { endMs }] of this.#windows) if (nowMs >= endMs) this.#windows.delete(name);
  }
}
