import type { SessionId } from "../core/ids.js";

/** The sessions of the current period and of the one before it. */
export class RecentSessions {
  #current = new Set<SessionId>();
  #former: ReadonlySet<SessionId> = new Set();

  add(id: SessionId): void {
    this.#current.add(id);
  }

  has(id: SessionId): boolean {
    return this.#current.has(id) || this.#former.has(id);
  }

  /** Begins a period, and forgets all but the one that ends. */
  next(): void {
    this.#former = this.#current;
    this.#current = new Set();
  }
}
