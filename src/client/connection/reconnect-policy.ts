import { backoffMs } from "./timers.js";
import type { SatoshigleError } from "../errors.js";

/** A stream that lived this long shows that the server is well: the next failure starts the backoff anew. */
export const STABLE_MS = 5_000;

/** How fast the stream is tried again, and which failures a person hears of. */
export class ReconnectPolicy {
  #failures = 0;
  /** The server asked not to be tried before, and for how long. */
  #notBeforeMs = 0;
  #askedMs = 0;
  #told = false;

  /** A person wants a stream: earlier failures do not count. */
  reset(): void {
    this.#failures = 0;
    this.#told = false;
  }

  /** A stream opened. */
  opened(): void {
    this.#told = false;
    this.#notBeforeMs = 0;
  }

  /** A stream that had opened ended after that long. */
  ended(livedMs: number): void {
    if (livedMs >= STABLE_MS) this.#failures = 0;
  }

  /**
   * A stream did not open. True when a person should know: once an outage, not for what the first retry may heal, and
   * not while another stream is `online`.
   */
  failed(error: SatoshigleError, online: boolean): boolean {
    if (error.retryAfterMs !== undefined) {
      this.#askedMs = error.retryAfterMs;
      this.#notBeforeMs = Date.now() + this.#askedMs;
    }
    const hiccup = error.code === "server_unreachable" && this.#failures === 1;
    if (this.#told || hiccup || online) return false;
    this.#told = true;
    return true;
  }

  /** When to try after one more failure. */
  next(): number {
    return this.notBefore(Date.now() + backoffMs(this.#failures++));
  }

  /** That moment, or the later one that the server asked for. A clock that was set back does not prolong that. */
  notBefore(atMs: number): number {
    this.#notBeforeMs = Math.min(this.#notBeforeMs, Date.now() + this.#askedMs);
    return Math.max(atMs, this.#notBeforeMs);
  }
}
