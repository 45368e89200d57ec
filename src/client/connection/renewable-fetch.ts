/**
 * `fetch` over connections that can be renewed. A browser keeps sending over an HTTP/2 connection whose network is gone,
 * for many seconds. It uses another connection for requests of another credentials mode, which this API does not depend
 * on: it sends no cookies. That is so for a page of the same origin; for others, neither mode has credentials, and the
 * browser's own check of the connection applies.
 */
export class RenewableFetch {
  #credentials: RequestCredentials = "same-origin";
  /** The requests that have no response yet. */
  readonly #waiting = new Set<AbortController>();

  readonly fetch: typeof globalThis.fetch = async (input, init) => {
    const controller = new AbortController();
    const { signal } = init ?? {};
    const abort = (): void => controller.abort(signal?.reason);
    if (signal?.aborted) abort();
    // Not removed, because it also ends a response that is still arriving.
    signal?.addEventListener("abort", abort, { once: true });
    this.#waiting.add(controller);
    try {
      return await fetch(input, { ...init, credentials: this.#credentials, signal: controller.signal });
    } finally {
      this.#waiting.delete(controller);
    }
  };

  /** Aborts the requests that have no response yet. Later ones use another connection. */
  renew(): void {
    this.#credentials = this.#credentials === "omit" ? "same-origin" : "omit";
    for (const controller of this.#waiting) controller.abort();
  }
}
