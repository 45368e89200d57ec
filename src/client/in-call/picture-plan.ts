import type { LineSample } from "./line-sample.js";

/** How the picture is sent. */
export interface PictureStep {
  /** Whether it is sent at all. */
  active: boolean;
  maxBps: number;
  /** By which factor width and height are reduced. */
  scale: number;
  maxFramesPerSecond: number;
  /** Below this estimate, the sound would suffer from a picture of this step. */
  floorBps: number;
}

/** From the whole picture to none. The sound takes about 45 kbit/s of each floor. */
export const STEPS: readonly [PictureStep, ...PictureStep[]] = [
  { active: true, maxBps: Infinity, scale: 1, maxFramesPerSecond: 30, floorBps: 200_000 },
  { active: true, maxBps: 600_000, scale: 1.5, maxFramesPerSecond: 30, floorBps: 150_000 },
  { active: true, maxBps: 250_000, scale: 2, maxFramesPerSecond: 20, floorBps: 110_000 },
  { active: true, maxBps: 100_000, scale: 4, maxFramesPerSecond: 12, floorBps: 80_000 },
  { active: false, maxBps: 0, scale: 4, maxFramesPerSecond: 12, floorBps: 0 },
];
const PAUSED = STEPS.length - 1;

/** Loss of the sound that people hear. */
const SOUND_LOSS = 0.05;
/** A round trip that is this long, and this many times the shortest one, is a queue that this side fills. */
const [QUEUE_MS, QUEUE_RATIO] = [600, 3];
/** How many samples in a row lead down; up it takes longer, and twice as long after each attempt that failed. */
const DOWN_AFTER = 2;
const [MIN_HOLD, MAX_HOLD] = [5, 40];
const WARM_UP = 5;
/** A step up that lasts for so many samples has succeeded. */
const TRIAL = 8;

/** Reduces the picture in steps, and pauses it, before the sound suffers; and the way back, with hysteresis. */
export class PicturePlan {
  #at = 0;
  #thinCount = 0;
  #clearCount = 0;
  #hold = MIN_HOLD;
  /** Samples since the last step up. */
  #sinceUp = Infinity;
  #shortestMs = Infinity;
  /** Samples so far: at first the browser estimates too little. */
  #count = 0;

  get step(): PictureStep {
    return STEPS[this.#at] ?? STEPS[0];
  }

  get state(): "full" | "reduced" | "paused" {
    if (this.#at === 0) return "full";
    return this.#at === PAUSED ? "paused" : "reduced";
  }

  /** Adds a sample. Returns whether the step changed. */
  add(sample: LineSample): boolean {
    this.#shortestMs = Math.min(this.#shortestMs, sample.roundTripMs ?? Infinity);
    this.#sinceUp++;
    this.#count++;
    if (this.#sinceUp === TRIAL * 2) this.#hold = MIN_HOLD;
    const isThin = this.#isThin(sample);
    this.#thinCount = isThin ? this.#thinCount + 1 : 0;
    this.#clearCount = !isThin ? this.#clearCount + 1 : 0;
    if (this.#thinCount >= DOWN_AFTER && this.#at < PAUSED) return this.#down(sample);
    if (this.#clearCount >= this.#hold && this.#at > 0) return this.#up();
    return false;
  }

  #isThin({ sentSoundLoss = 0, sendableBps = Infinity, roundTripMs = 0 }: LineSample): boolean {
    // After a step up, the estimate has yet to follow.
    const isEstimateTrue = this.#count > WARM_UP && this.#sinceUp >= TRIAL;
    const isQueueing = roundTripMs >= QUEUE_MS && roundTripMs >= this.#shortestMs * QUEUE_RATIO;
    return sentSoundLoss >= SOUND_LOSS || (sendableBps < this.step.floorBps && isEstimateTrue) || isQueueing;
  }

  #down({ sendableBps = Infinity }: LineSample): boolean {
    if (this.#sinceUp < TRIAL * 2) this.#hold = Math.min(MAX_HOLD, this.#hold * 2);
    this.#at = Math.max(
      this.#at + 1,
      STEPS.findIndex(({ floorBps }) => sendableBps >= floorBps),
    );
    this.#sinceUp = Infinity;
    this.#thinCount = this.#clearCount = 0;
    return true;
  }

  /** Tried without an estimate: a reduced picture is too little to find out how much could be sent. */
  #up(): boolean {
    this.#at--;
    this.#sinceUp = 0;
    this.#thinCount = this.#clearCount = 0;
    return true;
  }
}
