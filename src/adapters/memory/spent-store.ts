import { limits } from "../../core/limits.js";
import type { Spending, SpentStore } from "../../ports/spent-store.js";

/** How many IDs that have expired are forgotten with each new one. */
const FORGOTTEN_AT_ONCE = 8;

/** The used solutions of a single process. */
export class MemorySpent implements SpentStore {
  /** When each ID expires. In the order in which they were used, which is about that in which they expire. */
  readonly #expiries = new Map<string, number>();

  spend({ id, expiresMs, nowMs, max = limits.spentSolutions }: Spending): Promise<"fresh" | "spent" | "full"> {
    this.#forget(nowMs);
    if (this.#expiries.has(id)) return Promise.resolve("spent");
    if (this.#expiries.size >= max) return Promise.resolve("full");
    this.#expiries.set(id, expiresMs);
    return Promise.resolve("fresh");
  }

  #forget(nowMs: number): void {
    let left = FORGOTTEN_AT_ONCE;
    for (const [id, expiresMs] of this.#expiries) {
      if (left-- === 0) return;
      if (nowMs < expiresMs) continue;
      this.#expiries.delete(id);
    }
  }
}
