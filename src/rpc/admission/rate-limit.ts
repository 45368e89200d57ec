import { shareOf } from "../../core/address.js";
import { DomainError } from "../../core/errors.js";
import type { Clock } from "../../ports/clock.js";

const NONE: readonly string[] = [];

interface Window {
  endMs: number;
  count: number;
  /** The wider keys that its calls also count for, looked up once per window. */
  wider: readonly string[];
}

/**
 * Counts calls per key in a window that begins with the key's first call. One timer serves all keys, and none while
 * there are no calls: a timer and a promise for each key would cost more than the call itself.
 */
export class RateLimit {
  readonly #windows = new Map<string, Window>();
  #sweeping = false;

  constructor(
    private readonly clock: Clock,
    /** What is counted, for the error message, such as "calls from this address". */
    private readonly what: string,
    private readonly maxCalls: number,
    private readonly windowMs: number,
    /** The wider keys that a key's calls also count for; each has a larger limit than the one before (`shareOf`). */
    private readonly widerOf: (key: string) => readonly string[] = () => NONE,
  ) {}

  /**
   * Refused calls do not count for the wider keys, so one host cannot exhaust them. @throws DomainError `limit_reached`
   */
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
    if (window.count > maxCalls) this.#refuse(maxCalls, window.endMs - nowMs);
    return window;
  }

  /** Refuses a key that has used up its limit or that of a wider one. Counts nothing. @throws DomainError `limit_reached` */
  refuseFull(key: string): void {
    const nowMs = this.clock.nowMs();
    [key, ...this.widerOf(key)].forEach((one, level) => {
      const [window, maxCalls] = [this.#windows.get(one), shareOf(level, this.maxCalls)];
      if (window === undefined || nowMs >= window.endMs || window.count < maxCalls) return;
      this.#refuse(maxCalls, window.endMs - nowMs);
    });
  }

  #refuse(maxCalls: number, retryAfterMs: number): never {
    const message = `too many ${this.what}: at most ${String(maxCalls)} in ${String(this.windowMs)} ms`;
    throw new DomainError("limit_reached", message, { retryAfterMs });
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
