import type { Welcome } from "../../gen/satoshigle/v1/event_pb.js";

/** How far the events of the session were applied. Each counts once, in order; a gap is never passed over. */
export class Cursor {
  #epoch = "";
  #lastSequence = 0;

  /** Where a new stream is to go on. */
  get position(): { epoch: string; lastSequence: number } {
    return { epoch: this.#epoch, lastSequence: this.#lastSequence };
  }

  /** What is known is worthless: ask for a snapshot. */
  reset(): void {
    this.#epoch = "";
    this.#lastSequence = 0;
  }

  /** A stream opened. True when it skips events, so that its snapshot counts. */
  welcome({ resumed, epoch, lastSequence }: Welcome): boolean {
    // The stream before may have brought more after this one was asked for: those come again and are ignored. In another
    // epoch they need not be the same.
    const goesOn = resumed && (epoch === this.#epoch || lastSequence === this.#lastSequence);
    this.#epoch = epoch;
    if (goesOn) return false;
    this.#lastSequence = lastSequence;
    return true;
  }

  advance(sequence: number): "next" | "repeated" | "gap" {
    if (sequence <= this.#lastSequence) return "repeated";
    if (sequence > this.#lastSequence + 1) return "gap";
    this.#lastSequence = sequence;
    return "next";
  }
}
