/**
 * Web Locks, which the tabs of a site share and the browser releases with the tab, however it ends. Where there are none
 * (an insecure page, an old browser, Node.js), every lock is granted.
 */
export type ReleaseLock = () => void;

const noop: ReleaseLock = () => undefined;

/** Whether tabs can see each other's locks. */
export function hasTabLocks(): boolean {
  return lockManager() !== undefined;
}

/** Returns how to release the lock, or undefined if another tab holds it: at once, or when `signal` aborts. */
export function acquireTabLock(name: string, signal?: AbortSignal): Promise<ReleaseLock | undefined> {
  const locks = lockManager();
  if (!locks) return Promise.resolve(noop);
  return new Promise((resolve) => {
    const hold = (lock: Lock | null): Promise<void> | undefined => {
      if (lock) return new Promise<void>((release) => resolve(release));
      resolve(undefined);
      return undefined;
    };
    locks
      .request(name, signal ? { signal } : { ifAvailable: true }, hold)
      .catch(() => resolve(signal?.aborted ? undefined : noop));
  });
}

/** Waits for the first of these locks to become free. Undefined if `signal` aborts before. */
export function acquireAnyTabLock(names: readonly string[], signal: AbortSignal): Promise<ReleaseLock | undefined> {
  const waiting = new AbortController();
  let isOver = false;
  return new Promise((resolve) => {
    const end = (release?: ReleaseLock): void => {
      isOver = true;
      resolve(release);
      waiting.abort();
    };
    if (signal.aborted) {
      end();
      return;
    }
    signal.addEventListener("abort", () => end(), { once: true });
    for (const name of names) {
      void acquireTabLock(name, waiting.signal).then((release) => {
        if (isOver) release?.();
        else if (release) end(release);
      });
    }
  });
}

function lockManager(): LockManager | undefined {
  const { document, navigator } = globalThis as { document?: Document; navigator?: { locks?: LockManager } };
  return document ? navigator?.locks : undefined;
}
