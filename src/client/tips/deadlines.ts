import { MAX_TIMER_MS } from "../connection/timers.js";
import { isFinal } from "./tip-store.js";
import type { Tip } from "./types.js";

/** The server tells when a tip expires; whoever has lost its session waits this much longer and knows by itself. */
const GRACE_MS = 15_000;

/** Lets open tips expire of which the server says nothing any more. */
export class Deadlines {
  readonly #expire: (id: string) => void;
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>();

  constructor(expire: (id: string) => void) {
    this.#expire = expire;
  }

  set(tip: Tip): void {
    const { id, expiresAtMs, state } = tip;
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
    // What is paid waits for the server as long as it takes.
    if (isFinal(tip) || expiresAtMs === undefined || state === "unconfirmed") return;
    const leftMs = expiresAtMs + GRACE_MS - Date.now();
    const act = (): void => (leftMs > MAX_TIMER_MS ? this.set(tip) : this.#expire(id));
    this.#timers.set(id, setTimeout(act, Math.min(Math.max(leftMs, 0), MAX_TIMER_MS)));
  }

  clear(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }
}
