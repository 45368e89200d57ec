import type { LineSample } from "./line-sample.js";

/** How well a call works. */
export type QualityLevel = "good" | "fair" | "poor";
/** Which part of the line is the cause: this side's, the partner's, or the relay. */
export type QualityCause = "mine" | "theirs" | "relay";

export interface Assessment {
  level: QualityLevel;
  /** Null if nothing is wrong, or if the cause is not known. */
  cause: QualityCause | null;
}

/** From which values on people notice it, and from which it is hard to talk. */
const LOSS = [0.03, 0.08] as const;
const ROUND_TRIP_MS = [300, 600] as const;
/** Below which bitrates the picture suffers, and then the sound. */
const SENDABLE_BPS = [200_000, 100_000] as const;
/** How many samples in a row change the level. Slower to the better, so that a line at a threshold does not flicker. */
const [WORSE_AFTER, BETTER_AFTER] = [2, 4];

const LEVELS: readonly QualityLevel[] = ["good", "fair", "poor"];
const rank = ({ level }: Assessment): number => LEVELS.indexOf(level);

/** Rates one sample. What this side sends, and what it receives, are rated apart: that is where the cause is seen. */
export function assess(sample: LineSample): Assessment {
  const { sentLoss, receivedLoss, sendableBps, roundTripMs, isBusy, isRelayed } = sample;
  const sent = Math.max(above(sentLoss, LOSS), below(sendableBps, SENDABLE_BPS), isBusy ? 1 : 0);
  const received = above(receivedLoss, LOSS);
  const worst = Math.max(sent, received, above(roundTripMs, ROUND_TRIP_MS));
  return { level: LEVELS[worst] ?? "poor", cause: causeOf(sent, received, worst, isRelayed) };
}

function causeOf(sent: number, received: number, worst: number, isRelayed: boolean): QualityCause | null {
  if (worst === 0) return null;
  if (isRelayed && sent > 0 === received > 0) return "relay";
  if (sent === 0 && received === 0) return null;
  return sent >= received ? "mine" : "theirs";
}

function above(value: number | undefined, limits: readonly number[]): number {
  return value === undefined ? 0 : limits.filter((limit) => value >= limit).length;
}

function below(value: number | undefined, limits: readonly number[]): number {
  return value === undefined ? 0 : limits.filter((limit) => value < limit).length;
}

/** Combines what this side sees with what the partner reports, seen from this side. */
export function worse(own: Assessment, partner: Assessment | null): Assessment {
  return partner !== null && rank(partner) > rank(own) ? partner : own;
}

/** Follows the samples of a call with hysteresis. */
export class QualityTracker {
  #current: Assessment = { level: "good", cause: null };
  /** The latest samples in a row that are worse than the current level, or better, or have another cause. */
  #deviating: Assessment[] = [];
  #direction = 0;

  get current(): Assessment {
    return this.#current;
  }

  /** Adds a sample. Returns whether the assessment changed. */
  add(sample: Assessment): boolean {
    const step = Math.sign(rank(sample) - rank(this.#current));
    const isSame = step === 0 && sample.cause === this.#current.cause;
    if (isSame || step !== this.#direction) this.#deviating = [];
    this.#direction = step;
    if (isSame) return false;
    this.#deviating.push(sample);
    if (this.#deviating.length < (step > 0 ? WORSE_AFTER : BETTER_AFTER)) return false;
    this.#adopt(step);
    return true;
  }

  /** Adopts the mildest of the samples that are worse, and the worst of those that are better; of equals, the latest. */
  #adopt(step: number): void {
    const isBetter = (one: Assessment, other: Assessment) => step * (rank(other) - rank(one)) >= 0;
    this.#current = this.#deviating.reduce((chosen, one) => (isBetter(one, chosen) ? one : chosen));
    this.#deviating = [];
  }
}
