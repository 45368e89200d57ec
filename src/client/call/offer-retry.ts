/** An unanswered offer is repeated after these pauses. Signals are lost only if the server loses its state. */
const PAUSES_MS = [5_000, 10_000, 20_000];

/** Repeats an unanswered offer a few times while the partner is reachable. */
export class OfferRetry {
  readonly #reachable: () => boolean;
  #repeats = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(reachable: () => boolean) {
    this.#reachable = reachable;
  }

  /** Calls `repeat`, which schedules the next repetition, unless an answer arrives in time. */
  schedule(repeat: () => void): void {
    this.cancel();
    const pauseMs = PAUSES_MS[this.#repeats];
    if (pauseMs === undefined) return;
    this.#timer = setTimeout(() => {
      if (!this.#reachable()) {
        this.schedule(repeat);
        return;
      }
      this.#repeats++;
      repeat();
    }, pauseMs);
  }

  cancel(): void {
    clearTimeout(this.#timer);
  }
}
