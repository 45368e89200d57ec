/** How much of something a partner or a server may cause: a burst, and what comes back over time. */
export class Allowance {
  readonly #burst: number;
  readonly #perSecond: number;
  #left: number;
  #sinceMs = Date.now();

  constructor(burst: number, perSecond: number) {
    this.#burst = burst;
    this.#perSecond = perSecond;
    this.#left = burst;
  }

  /** Takes `amount`, if that much is left. */
  take(amount = 1): boolean {
    this.#regain();
    if (this.#left < amount) return false;
    this.#left -= amount;
    return true;
  }

  /** In how many milliseconds one can be taken. */
  get waitMs(): number {
    this.#regain();
    return this.#left >= 1 ? 0 : Math.ceil(((1 - this.#left) / this.#perSecond) * 1_000);
  }

  /** A clock that was set back gives nothing and takes nothing. */
  #regain(): void {
    const nowMs = Date.now();
    const passedMs = Math.max(0, nowMs - this.#sinceMs);
    this.#sinceMs = nowMs;
    this.#left = Math.min(this.#burst, this.#left + (passedMs / 1_000) * this.#perSecond);
  }
}
