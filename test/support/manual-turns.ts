/** Turns of an event loop that pass when a test says so. */
export class ManualTurns {
  #acts: (() => void)[] = [];

  /** Calls back in the next turn. */
  readonly next = (act: () => void): void => {
    this.#acts.push(act);
  };

  /** Passes one turn. Returns whether anything waited for it. */
  pass(): boolean {
    const acts = this.#acts;
    this.#acts = [];
    for (const act of acts) act();
    return acts.length > 0;
  }
}
