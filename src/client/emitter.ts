/** Typed listeners. One that throws neither stops the others nor the client. */
export class Emitter<Events extends { [E in keyof Events]: unknown[] }> {
  readonly #listeners: { [E in keyof Events]?: Set<(...args: Events[E]) => void> } = {};

  on<E extends keyof Events>(event: E, listener: (...args: Events[E]) => void): () => void {
    const listeners = (this.#listeners[event] ??= new Set());
    // Wrapped, so that the same function registered twice counts twice and each removal removes its own.
    const entry = (...args: Events[E]): void => listener(...args);
    listeners.add(entry);
    return () => listeners.delete(entry);
  }

  emit<E extends keyof Events>(event: E, ...args: Events[E]): void {
    for (const listener of [...(this.#listeners[event] ?? [])]) {
      try {
        listener(...args);
      } catch (error) {
        reportListenerError(error);
      }
    }
  }

  clear(): void {
    for (const event of Object.keys(this.#listeners) as (keyof Events)[]) this.#listeners[event]?.clear();
  }
}

/** The page's own bug: it belongs in the page's error reporting (`window.onerror`), not in our flow. */
function reportListenerError(error: unknown): void {
  if (typeof globalThis.reportError === "function") globalThis.reportError(error);
  else console.error(error);
}
