/** Delays calls to the store while it is shut, like a slow store. */
export class Gate {
  #opened = Promise.resolve();
  #open: () => void = () => undefined;
  /** How many calls have arrived. */
  came = 0;

  shut(): void {
    this.#opened = new Promise((resolve) => (this.#open = resolve));
  }

  open(): void {
    this.#open();
  }

  async pass(): Promise<void> {
    this.came++;
    await this.#opened;
  }
}
