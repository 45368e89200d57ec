import type { Clock } from "../ports/clock.js";

/** Wakes one waiting reader. Notifications that arrive while nobody waits are remembered, and count as one. */
export class Notifier {
  #isNotified = false;
  #wake: (() => void) | undefined;

  notify(): void {
    this.#isNotified = true;
    this.#wake?.();
    this.#wake = undefined;
  }

  /** Forgets the notifications so far: the reader is about to see what they announced. */
  reset(): void {
    this.#isNotified = false;
  }

  /** Resolves on the next notification, or at once if there was one since the last `reset`. */
  wait(): Promise<void> {
    return new Promise<void>((resolve) => {
      if (this.#isNotified) resolve();
      else this.#wake = resolve;
    });
  }
}

/** Waits for a notification, for the signal to abort or for a timeout, whichever comes first; then resets the notifier. */
export async function waitFor(
  notifier: Notifier,
  signal: AbortSignal,
  timeout?: { clock: Clock; ms: number },
): Promise<void> {
  const wake = () => {
    notifier.notify();
  };
  const cancel = timeout?.clock.after(timeout.ms, wake);
  signal.addEventListener("abort", wake);
  if (signal.aborted) wake();
  await notifier.wait();
  notifier.reset();
  signal.removeEventListener("abort", wake);
  cancel?.();
}
