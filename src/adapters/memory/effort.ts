import { type SearchBounds, spanAt, spanEndMs } from "../../core/search.js";

/** What searches may cost, in places: one at a time, all of a step, and all that go on in a span of time. */
export class Effort {
  #leftInStep = Infinity;
  #span = 0;
  #inSpan = 0;

  constructor(private readonly bounds: SearchBounds) {}

  /** What one search may do now; a brief one less. */
  most(isBrief: boolean): { visits: number; places: number } {
    const { visits, places, lookPlaces } = this.bounds;
    return { visits, places: Math.min(isBrief ? lookPlaces : places, this.#leftInStep) };
  }

  spend(places: number): void {
    this.#leftInStep -= places;
  }

  /** Whether a search may do anything, before that share of what a span has is used up. */
  isLeftOf(share: number): boolean {
    return this.#leftInStep > this.bounds.stepPlaces * (1 - share);
  }

  /** Takes a step of many searches. */
  inStep(act: () => void): void {
    this.#within(this.bounds.stepPlaces, act);
  }

  /** Takes a step that shares its effort with the others of its span. Returns from when on there is more; 0 for now. */
  inSpan(nowMs: number, act: () => void): number {
    const span = spanAt(nowMs);
    if (span !== this.#span) [this.#span, this.#inSpan] = [span, 0];
    this.#inSpan += this.#within(this.bounds.stepPlaces - this.#inSpan, act);
    return this.#inSpan < this.bounds.stepPlaces ? 0 : spanEndMs(span);
  }

  #within(most: number, act: () => void): number {
    this.#leftInStep = most;
    try {
      act();
      return most - this.#leftInStep;
    } finally {
      this.#leftInStep = Infinity;
    }
  }
}
