import { MAX_TIMER_MS } from "../connection/timers.js";
import { isFinal } from "./tip-store.js";
import type { Tip } from "./types.js";

/** The server reports when a tip expires. A client that lost its session assumes it after this additional time. */
const GRACE_MS = 15_000;

/** Expires open tips about which the server no longer reports anything. */
export class TipExpiry {
  readonly #expire: (id: string) => void;
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>();

  constructor(expire: (id: string) => void) {
    this.#expire = expire;
  }

  schedule(tip: Tip): void {
    const { id, expiresAtMs, state } = tip;
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
    // A paid tip waits for the server for as long as it takes.
    if (isFinal(tip) || expiresAtMs === undefined || state === "unconfirmed") return;
    const leftMs = expiresAtMs + GRACE_MS - Date.now();
    const act = (): void => (leftMs > MAX_TIMER_MS ? this.schedule(tip) : this.#expire(id));
    this.#timers.set(id, setTimeout(act, Math.min(Math.max(leftMs, 0), MAX_TIMER_MS)));
  }

  clear(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }
}
