interface Waiter {
  resolve(): void;
  reject(error: Error): void;
}

/** Holds back who needs an open stream, until there is one or there never will be. */
export class OnlineGate {
  #state: "open" | "shut" | Error;
  #waiters: Waiter[] = [];

  constructor(state: "shut" | Error) {
    this.#state = state;
  }

  /** Resolves when the gate is open; rejects when it is locked. */
  passed(): Promise<void> {
    if (this.#state === "open") return Promise.resolve();
    if (this.#state !== "shut") return Promise.reject(this.#state);
    return new Promise((resolve, reject) => {
      this.#waiters.push({ resolve, reject });
    });
  }

  open(): void {
    this.#state = "open";
    for (const waiter of this.#waiters.splice(0)) waiter.resolve();
  }

  shut(): void {
    this.#state = "shut";
  }

  lock(error: Error): void {
    this.#state = error;
    for (const waiter of this.#waiters.splice(0)) waiter.reject(error);
  }
}
