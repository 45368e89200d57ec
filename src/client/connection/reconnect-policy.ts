import { backoffMs } from "./timers.js";
import type { SatoshigleError } from "../errors.js";

/** A stream that lasted this long proves that the server is healthy: the next failure starts the backoff over. */
export const STABLE_MS = 5_000;
/** The longest and the shortest time that a stream may take to open. */
export const MAX_OPEN_MS = 8_000;
const MIN_OPEN_MS = 1_000;
/** A stream that takes this many times as long as usual is not going to open. */
const OPEN_FACTOR = 4;
/** The pause between attempts while the browser knows that there is no network: they cost nothing, and it may err. */
const OFFLINE_PAUSE_MS = 2_000;

/** Decides when to reconnect, and which failures to report. */
export class ReconnectPolicy {
  #failures = 0;
  /** The moment before which the server asked not to reconnect, and the delay that it asked for. */
  #notBeforeMs = 0;
  #requestedDelayMs = 0;
  #reported = false;
  #usualOpenMs = MAX_OPEN_MS;
  /** How many attempts in a row have timed out. */
  #timeouts = 0;

  /** Forgets earlier failures. */
  reset(): void {
    this.#failures = 0;
    this.#reported = false;
  }

  /** A stream opened, after this time. */
  opened(tookMs: number): void {
    this.#reported = false;
    this.#notBeforeMs = 0;
    this.#usualOpenMs = Math.max(0, tookMs);
    this.#timeouts = 0;
  }

  /** A stream did not open in time. Returns whether it had so much time that this must be reported. */
  timedOut(): boolean {
    const wasPatient = this.openTimeoutMs === MAX_OPEN_MS;
    this.#timeouts++;
    return wasPatient;
  }

  /** How long the next stream may take to open: not much longer than the last one, but longer with each timeout. */
  get openTimeoutMs(): number {
    const usualMs = Math.max(MIN_OPEN_MS, OPEN_FACTOR * this.#usualOpenMs);
    return Math.min(MAX_OPEN_MS, usualMs * 2 ** this.#timeouts);
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

  /**
   * Counts a failure and returns when to reconnect. Without a network, no number of failures says anything.
   * @param spreadMs how long it takes to open as many streams as may have broken together, so each takes longer too
   */
  next(offline = false, spreadMs = 0): number {
    if (offline) return Date.now() + OFFLINE_PAUSE_MS;
    this.#usualOpenMs = Math.max(this.#usualOpenMs, spreadMs);
    return this.notBefore(Date.now() + backoffMs(this.#failures++, spreadMs));
  }

  /** Returns that moment, or the later one that the server asked for. Setting the clock back does not extend it. */
  notBefore(atMs: number): number {
    this.#notBeforeMs = Math.min(this.#notBeforeMs, Date.now() + this.#requestedDelayMs);
    return Math.max(atMs, this.#notBeforeMs);
  }
}
