/** Lets one reader sleep until somebody rings. Rings while it is awake are remembered, and together count as one. */
export class Bell {
  #rung = false;
  #wake: (() => void) | undefined;

  ring(): void {
    this.#rung = true;
    this.#wake?.();
    this.#wake = undefined;
  }

  /** Forgets the rings so far: what they told of is looked at next. */
  hush(): void {
    this.#rung = false;
  }

  /** Once somebody rings, or has rung since the last `hush`. */
  rings(): Promise<void> {
    return new Promise<void>((resolve) => {
      if (this.#rung) resolve();
      else this.#wake = resolve;
    });
  }
}
