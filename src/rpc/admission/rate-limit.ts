import { shareOf } from "../../core/address.js";
import { DomainError } from "../../core/errors.js";
import type { Clock } from "../../ports/clock.js";

const NONE: readonly string[] = [];

interface Window {
  endMs: number;
  count: number;
  /** The wider keys that its calls count for, too; found once a window. */
  wider: readonly string[];
}

/**
 * Calls per key in a window that begins with the key's first call. One timer serves all keys, and none while nobody
 * calls: on the path of every call a timer and a promise for each key cost more than the call.
 */
export class RateLimit {
  readonly #windows = new Map<string, Window>();
  #sweeping = false;

  constructor(
    private readonly clock: Clock,
    /** What a key is, for the message. */
    private readonly what: string,
    private readonly maxCalls: number,
    private readonly windowMs: number,
    /** What else a key's calls count for, each allowed more than the one before (`shareOf`). */
    private readonly widerOf: (key: string) => readonly string[] = () => NONE,
  ) {}

  /** What is refused does not count for the wider keys: one host cannot use them up. @throws DomainError `limit_reached` */
  count(key: string): void {
    const nowMs = this.clock.nowMs();
    const { wider } = this.#count(key, this.maxCalls, nowMs);
    for (let index = 0; index < wider.length; index++) {
      this.#count(wider[index] ?? "", shareOf(index + 1, this.maxCalls), nowMs);
    }
  }

  #count(key: string, maxCalls: number, nowMs: number): Window {
    const window = this.#windows.get(key);
    if (window === undefined || nowMs >= window.endMs) return this.#begin(key, nowMs);
    window.count++;
    if (window.count <= maxCalls) return window;
    const message = `too many calls from this ${this.what}: ${String(maxCalls)} are allowed in ${String(this.windowMs)} ms`;
    throw new DomainError("limit_reached", message, { retryAfterMs: window.endMs - nowMs });
  }

  #begin(key: string, nowMs: number): Window {
    const window = { endMs: nowMs + this.windowMs, count: 1, wider: this.widerOf(key) };
    this.#windows.set(key, window);
    this.#sweepLater();
    return window;
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
