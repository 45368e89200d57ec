import type { Welcome } from "../gen/satoshigle/v1/event_pb.js";

/** How far the events of the session have been applied. Each is applied once, in order, and gaps are detected. */
export class StreamPosition {
  #epoch = "";
  #lastSequence = 0;
  /** The event after which something unreadable arrived. */
  #unreadableAfter: number | undefined;
  #skipping = false;

  /** Where the next stream continues. */
  get resumePoint(): { epoch: string; lastSequence: number } {
    return this.#skipping ? { epoch: "", lastSequence: 0 } : { epoch: this.#epoch, lastSequence: this.#lastSequence };
  }

  /** The next event is unreadable. The second time at the same place, the next stream skips it. */
  unreadable(): void {
    if (this.#unreadableAfter === this.#lastSequence) this.skip();
    this.#unreadableAfter = this.#lastSequence;
  }

  /** Makes the next stream begin with a snapshot, whatever the current one still brings. */
  skip(): void {
    this.#skipping = true;
  }

  /** Forgets everything, so that the next stream begins with a snapshot. */
  reset(): void {
    this.#skipping = false;
    this.#unreadableAfter = undefined;
    this.#epoch = "";
    this.#lastSequence = 0;
  }

  /** A stream opened. Returns true if it skips events, so that its snapshot must be applied. */
  welcome({ resumed, epoch, lastSequence }: Welcome): boolean {
    // The previous stream may have brought more events after this one was requested: those are repeated, and ignored.
    // In another epoch they may differ.
    const continues = !this.#skipping && resumed && (epoch === this.#epoch || lastSequence === this.#lastSequence);
    this.#epoch = epoch;
    if (continues) return false;
    this.#lastSequence = lastSequence;
    this.#skipping = false;
    this.#unreadableAfter = undefined;
    return true;
  }

  advance(sequence: number): "next" | "repeated" | "gap" {
    if (sequence <= this.#lastSequence) return "repeated";
    if (sequence > this.#lastSequence + 1) return "gap";
    this.#lastSequence = sequence;
    return "next";
  }
}
