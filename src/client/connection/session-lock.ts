import { acquireTabLock, hasTabLocks, type ReleaseLock } from "./tab-locks.js";

/** Longer than a reload takes, whose old page holds the lock until it is gone. */
const CLAIM_TIMEOUT_MS = 2_000;

/**
 * Marks a session as in use by this tab, even while the tab is hidden or frozen. A duplicate of the tab, whose storage is
 * a copy, then does not take the session over.
 */
export class SessionLock {
  #id = "";
  #release: ReleaseLock | undefined;

  /** Holds the lock of a new session, which no other tab knows. */
  hold(id: string): void {
    if (id !== this.#id) void this.#acquire(id);
  }

  /** Resolves to whether this tab may use a stored session. Undefined if there is nothing to wait for. */
  claim(id: string): Promise<boolean> | undefined {
    if (id === this.#id || !hasTabLocks()) return undefined;
    const timeout = new AbortController();
    const timer = setTimeout(() => timeout.abort(), CLAIM_TIMEOUT_MS);
    return this.#acquire(id, timeout.signal).finally(() => clearTimeout(timer));
  }

  release(): void {
    this.#id = "";
    this.#release?.();
    this.#release = undefined;
  }

  async #acquire(id: string, signal?: AbortSignal): Promise<boolean> {
    this.release();
    this.#id = id;
    const release = await acquireTabLock(lockName(id), signal);
    if (this.#id === id) this.#release = release;
    else release?.();
    if (!release && this.#id === id) this.#id = "";
    return release !== undefined;
  }
}

function lockName(id: string): string {
  return `satoshigle:session:${id}`;
}
