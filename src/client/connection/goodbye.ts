import type { Api } from "./api.js";

/**
 * Announces that the page is being closed or reloaded, so that the partner does not wait for the whole resume window.
 * @param streamId the ID of the stream that ends; empty if there is none
 */
export function sayGoodbye(api: Pick<Api, "goodbye">, streamId: string): void {
  if (streamId !== "") void api.goodbye({ streamId }).catch(() => undefined);
}

/** Completes its request although the page is being closed. */
export const keepaliveFetch: typeof fetch = (input, init) => fetch(input, { ...init, keepalive: true });
