/** An offer without an answer is repeated after these pauses: signals are lost only when the server lost its memory. */
const pausesMs = [5_000, 10_000, 20_000];

/** Repeats what stays unanswered, as long as the partner can be reached and not for ever. */
export class OfferRetry {
  readonly #reachable: () => boolean;
  #times = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(reachable: () => boolean) {
    this.#reachable = reachable;
  }

  /** From now on an answer is expected; without one, `repeat` is called, which sets this anew. */
  set(repeat: () => void): void {
    this.cancel();
    const pauseMs = pausesMs[this.#times];
    if (pauseMs === undefined) return;
    this.#timer = setTimeout(() => {
      if (!this.#reachable()) {
        this.set(repeat);
        return;
      }
      this.#times++;
      repeat();
    }, pauseMs);
  }

  cancel(): void {
    clearTimeout(this.#timer);
  }
}
