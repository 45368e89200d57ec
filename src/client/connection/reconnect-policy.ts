import { backoffMs } from "./timers.js";
import type { SatoshigleError } from "../errors.js";

/** A stream that lasted this long proves that the server is healthy: the next failure starts the backoff over. */
export const STABLE_MS = 5_000;

/** Decides when to reconnect, and which failures to report. */
export class ReconnectPolicy {
  #failures = 0;
  /** The moment before which the server asked not to reconnect, and the delay that it asked for. */
  #notBeforeMs = 0;
  #requestedDelayMs = 0;
  #reported = false;

  /** Forgets earlier failures. */
  reset(): void {
    this.#failures = 0;
    this.#reported = false;
  }

  /** A stream opened. */
  opened(): void {
    this.#reported = false;
    this.#notBeforeMs = 0;
  }

  /** An open stream ended after this time. */
  ended(livedMs: number): void {
    if (livedMs >= STABLE_MS) this.#failures = 0;
  }

  /**
   * A stream did not open. Returns whether to report it: once per outage, not if the first retry may succeed, and not
   * while another stream is open.
   */
  failed(error: SatoshigleError, online: boolean): boolean {
    if (error.retryAfterMs !== undefined) {
      this.#requestedDelayMs = error.retryAfterMs;
      this.#notBeforeMs = Date.now() + this.#requestedDelayMs;
    }
    const mayRecover = error.code === "server_unreachable" && this.#failures === 1;
    if (this.#reported || mayRecover || online) return false;
    this.#reported = true;
    return true;
  }

  /** Counts a failure and returns when to reconnect. */
  next(): number {
    return this.notBefore(Date.now() + backoffMs(this.#failures++));
  }

  /** Returns that moment, or the later one that the server asked for. Setting the clock back does not extend it. */
  notBefore(atMs: number): number {
    this.#notBeforeMs = Math.min(this.#notBeforeMs, Date.now() + this.#requestedDelayMs);
    return Math.max(atMs, this.#notBeforeMs);
  }
}
