import type { SessionId } from "../core/ids.js";

/** The maximum number of sessions that are recorded per period. */
const MAX_SESSIONS = 100_000;

/** The sessions of the current period and of the one before it. If a period reaches the maximum, every session counts as recent. */
export class RecentSessions {
  #current = new Set<SessionId>();
  #former: ReadonlySet<SessionId> = new Set();

  add(id: SessionId): void {
    if (this.#current.size < MAX_SESSIONS) this.#current.add(id);
  }

  has(id: SessionId): boolean {
    return [this.#current, this.#former].some((some) => some.has(id) || some.size >= MAX_SESSIONS);
  }

  /** Begins a period, and forgets all but the one that ends. */
  next(): void {
    this.#former = this.#current;
    this.#current = new Set();
  }
}
