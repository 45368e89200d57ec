import type { Api } from "./api.js";

/** Calls that matter more come first. */
const PREFLIGHT_DELAY_MS = 1_000;
/** The ID of no stream: a call with it has no effect. */
const NO_STREAM = "0";

const ignore = (): void => undefined;

/** Announces that the page is being closed or reloaded, so that the partner does not wait for the whole resume window. */
export class Goodbye {
  readonly #api: Pick<Api, "goodbye">;
  readonly #isCrossOrigin: boolean;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(api: Pick<Api, "goodbye">, baseUrl: string) {
    this.#api = api;
    this.#isCrossOrigin = isCrossOrigin(baseUrl);
  }

  /**
   * A stream opened. A page that is being closed has no time for a CORS preflight, so this fills the browser's cache of
   * preflights, which expires; a stream lives shorter than most browsers keep an entry.
   */
  prepare(): void {
    clearTimeout(this.#timer);
    if (!this.#isCrossOrigin) return;
    this.#timer = setTimeout(() => void this.#api.goodbye({ streamId: NO_STREAM }).catch(ignore), PREFLIGHT_DELAY_MS);
  }

  /** @param streamId the ID of the stream that ends; empty if there is none */
  say(streamId: string): void {
    this.cancel();
    if (streamId !== "") void this.#api.goodbye({ streamId }).catch(ignore);
  }

  cancel(): void {
    clearTimeout(this.#timer);
  }
}

/** Completes its request although the page is being closed. */
export const keepaliveFetch: typeof fetch = (input, init) => fetch(input, { ...init, keepalive: true });

function isCrossOrigin(baseUrl: string): boolean {
  const page = (globalThis as { location?: { href: string; origin: string } }).location;
  try {
    return page !== undefined && new URL(baseUrl, page.href).origin !== page.origin;
  } catch {
    return false;
  }
}
