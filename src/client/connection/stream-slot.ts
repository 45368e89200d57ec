import { acquireAnyTabLock, acquireTabLock, hasTabLocks, type ReleaseLock } from "./tab-locks.js";

/** Over HTTP/1.1, browsers open six connections per host for all tabs together. One is left for calls and pages. */
const MAX_STREAMS = 5;

/** The right of this tab to open a stream. Over HTTP/1.1, the tabs of a browser share a few. */
export class StreamSlot {
  readonly #baseUrl: string;
  #taking: AbortController | undefined;
  #release: ReleaseLock | undefined;

  constructor(baseUrl: string) {
    this.#baseUrl = baseUrl;
  }

  /**
   * Resolves when this tab may open its stream, possibly much later: then, `onWait` is called first. Undefined if there
   * is nothing to wait for.
   */
  take(onWait: () => void): Promise<void> | undefined {
    const url = parseUrl(this.#baseUrl);
    if (this.#release || !url || !hasTabLocks() || isMultiplexed(url)) return undefined;
    return this.#take(url.origin, onWait);
  }

  release(): void {
    this.#taking?.abort();
    this.#release?.();
    this.#release = undefined;
  }

  async #take(origin: string, onWait: () => void): Promise<void> {
    const taking = new AbortController();
    this.#taking = taking;
    const names = Array.from({ length: MAX_STREAMS }, (_, index) => `satoshigle:stream:${String(index)}:${origin}`);
    const release = (await firstFree(names)) ?? (await this.#wait(names, taking.signal, onWait));
    if (taking.signal.aborted) release?.();
    else this.#release = release;
  }

  #wait(names: string[], signal: AbortSignal, onWait: () => void): Promise<ReleaseLock | undefined> {
    if (!signal.aborted) onWait();
    return acquireAnyTabLock(names, signal);
  }
}

async function firstFree(names: readonly string[]): Promise<ReleaseLock | undefined> {
  for (const name of names) {
    const release = await acquireTabLock(name);
    if (release) return release;
  }
  return undefined;
}

/** Whether a connection carries many requests. Unless the browser has seen the protocol, TLS counts as if it does. */
function isMultiplexed({ protocol, origin }: URL): boolean {
  if (protocol === "http:") return false;
  const entries = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")];
  const seen = (entries as PerformanceResourceTiming[]).filter(({ name }) => name.startsWith(`${origin}/`));
  return !seen.some(({ nextHopProtocol }) => nextHopProtocol.startsWith("http/1"));
}

function parseUrl(baseUrl: string): URL | undefined {
  try {
    return new URL(baseUrl, location.href);
  } catch {
    return undefined;
  }
}
