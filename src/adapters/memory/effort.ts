import { type SearchBounds, spanAt, spanEndMs } from "../../core/search.js";

/** Limits the cost of searches, in places: of each, of all in a step, and of those that continue in a span of time. */
export class Effort {
  #leftInStep = Infinity;
  #span = 0;
  #inSpan = 0;

  constructor(private readonly bounds: SearchBounds) {}

  /** The limits of one search now; those of a brief one are lower. */
  limitsOf(isBrief: boolean): { visits: number; places: number } {
    const { visits, places, lookPlaces } = this.bounds;
    return { visits, places: Math.min(isBrief ? lookPlaces : places, this.#leftInStep) };
  }

  spend(places: number): void {
    this.#leftInStep -= places;
  }

  /** Whether searches may continue because less than a share of the span's places is used up. */
  isLeftOf(share: number): boolean {
    return this.#leftInStep > this.bounds.stepPlaces * (1 - share);
  }

  /** Runs a step of many searches. */
  inStep(act: () => void): void {
    this.#within(this.bounds.stepPlaces, act);
  }

  /** Runs a step that shares its limit with the others of its span. Returns when more is available; 0 for now. */
  inSpan(nowMs: number, act: () => void): number {
    const span = spanAt(nowMs);
    if (span !== this.#span) [this.#span, this.#inSpan] = [span, 0];
    this.#inSpan += this.#within(this.bounds.stepPlaces - this.#inSpan, act);
    return this.#inSpan < this.bounds.stepPlaces ? 0 : spanEndMs(span);
  }

  #within(max: number, act: () => void): number {
    this.#leftInStep = max;
    try {
      act();
      return max - this.#leftInStep;
    } finally {
      this.#leftInStep = Infinity;
    }
  }
}
