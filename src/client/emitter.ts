/** Typed events. A listener that throws stops neither the other listeners nor the client. */
export class Emitter<Events extends { [E in keyof Events]: unknown[] }> {
  #listeners: { [E in keyof Events]?: Set<(...args: Events[E]) => void> } = {};

  on<E extends keyof Events>(event: E, listener: (...args: Events[E]) => void): () => void {
    const listeners = (this.#listeners[event] ??= new Set());
    // Wrapped, so that a function that is registered twice is called twice and removed one at a time.
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
    this.#listeners = {};
  }
}

/** A bug of the page belongs in its error reporting (`window.onerror`), not in the flow of the client. */
function reportListenerError(error: unknown): void {
  if (typeof globalThis.reportError === "function") globalThis.reportError(error);
  else console.error(error);
}
