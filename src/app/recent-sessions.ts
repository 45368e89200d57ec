import type { SessionId } from "../core/ids.js";

/** How many sessions of a period are told apart. */
const MAX_SESSIONS = 100_000;

/** The sessions of the current period and of the one before it. Of a period with too many, every session counts as one. */
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
