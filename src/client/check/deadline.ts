/** Resolves with `fallback` unless the promise resolves in time; a rejection resolves with it too. */
export function within<T>(promise: Promise<T>, timeoutMs: number, fallback: T): Promise<T> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(fallback), timeoutMs);
    promise
      .catch(() => fallback)
      .then((value) => {
        clearTimeout(timer);
        resolve(value);
      })
      .catch(() => undefined);
  });
}
