import type { SessionId } from "../../core/ids.js";
import { limits } from "../../core/limits.js";

/**
 * The partners that a session avoids: some for good, and those of its latest matches until a time. They are few, so that
 * arrays take less memory than maps and are searched as fast. They are replaced, as arrays that grow have room for more.
 */
export class Avoided {
  #forGood: readonly SessionId[] = [];
  /** Sorted by time, as partners are avoided for equally long. */
  #recent: readonly SessionId[] = [];
  #untilsMs: readonly number[] = [];

  /** Until when a partner is avoided: 0 if it is not, Infinity for good. The time may be over. */
  untilMs(partnerId: SessionId): number {
    if (this.isForGood(partnerId)) return Infinity;
    return this.#untilsMs[this.#recent.indexOf(partnerId)] ?? 0;
  }

  isForGood(partnerId: SessionId): boolean {
    return this.#forGood.includes(partnerId);
  }

  add(partnerId: SessionId, untilMs: number, nowMs: number): void {
    if (this.isForGood(partnerId)) return;
    const known = this.#recent.indexOf(partnerId);
    if (known >= 0) this.#keep((index) => index !== known);
    if (untilMs === Infinity) {
      this.#forGood = [...this.#forGood, partnerId];
      return;
    }
    this.#forget(nowMs);
    const from = Math.max(0, this.#recent.length + 1 - limits.recentPartners);
    this.#recent = [...this.#recent.slice(from), partnerId].slice(); // the last slice drops the room for more
    this.#untilsMs = [...this.#untilsMs.slice(from), untilMs].slice();
  }

  /** Drops the partners that are no longer avoided. */
  #forget(nowMs: number): void {
    const untils = this.#untilsMs;
    if ((untils[0] ?? Infinity) > nowMs) return;
    this.#keep((index) => (untils[index] ?? 0) > nowMs);
  }

  #keep(isKept: (index: number) => boolean): void {
    this.#recent = this.#recent.filter((_, index) => isKept(index)).slice();
    this.#untilsMs = this.#untilsMs.filter((_, index) => isKept(index)).slice();
  }
}
