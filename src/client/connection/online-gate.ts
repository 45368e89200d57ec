interface Waiter {
  resolve(): void;
  reject(error: Error): void;
}

/** Makes callers wait until the stream is open, or has ended for good. */
export class OnlineGate {
  #state: "open" | "closed" | Error;
  #waiters: Waiter[] = [];

  constructor(state: "closed" | Error) {
    this.#state = state;
  }

  /** Resolves when the gate is open; rejects when it fails. */
  waitUntilOpen(): Promise<void> {
    if (this.#state === "open") return Promise.resolve();
    if (this.#state !== "closed") return Promise.reject(this.#state);
    return new Promise((resolve, reject) => {
      this.#waiters.push({ resolve, reject });
    });
  }

  open(): void {
    this.#state = "open";
    for (const waiter of this.#waiters.splice(0)) waiter.resolve();
  }

  close(): void {
    this.#state = "closed";
  }

  /** Rejects everyone who waits or will wait. */
  fail(error: Error): void {
    this.#state = error;
    for (const waiter of this.#waiters.splice(0)) waiter.reject(error);
  }
}
