import { DomainError } from "../core/errors.js";
import type { Clock } from "../ports/clock.js";

/**
 * Calls per key in a window that begins with the key's first call. One timer serves all keys, and none while nobody
 * calls: on the path of every call a timer and a promise for each key cost more than the call.
 */
export class CallLimit {
  readonly #windows = new Map<string, { endMs: number; count: number }>();
  #sweeping = false;

  constructor(
    private readonly clock: Clock,
    /** What a key is, for the message. */
    private readonly what: string,
    private readonly maxCalls: number,
    private readonly windowMs: number,
  ) {}

  /** @throws DomainError `limit_reached` */
  count(key: string): void {
    const nowMs = this.clock.nowMs();
    const window = this.#windows.get(key);
    if (window === undefined || nowMs >= window.endMs) {
      this.#windows.set(key, { endMs: nowMs + this.windowMs, count: 1 });
      this.#sweepLater();
      return;
    }
    window.count++;
    if (window.count <= this.maxCalls) return;
    const message = `too many calls from this ${this.what}: ${String(this.maxCalls)} are allowed in ${String(this.windowMs)} ms`;
    throw new DomainError("limit_reached", message, { retryAfterMs: window.endMs - nowMs });
  }

  #sweepLater(): void {
    if (this.#sweeping) return;
    this.#sweeping = true;
    this.clock.after(this.windowMs, () => {
      const nowMs = this.clock.nowMs();
      for (const [key, { endMs }] of this.#windows) if (nowMs >= endMs) this.#windows.delete(key);
      this.#sweeping = false;
      if (this.#windows.size > 0) this.#sweepLater();
    });
  }
}
