/** Lets one reader sleep until somebody rings. Rings while it is awake are remembered, and together count as one. */
export class Notifier {
  #rung = false;
  #wake: (() => void) | undefined;

  notify(): void {
    this.#rung = true;
    this.#wake?.();
    this.#wake = undefined;
  }

  /** Forgets the rings so far: what they told of is looked at next. */
  reset(): void {
    this.#rung = false;
  }

  /** Once somebody rings, or has rung since the last `hush`. */
  wait(): Promise<void> {
    return new Promise<void>((resolve) => {
      if (this.#rung) resolve();
      else this.#wake = resolve;
    });
  }
}
