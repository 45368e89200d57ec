import type { Welcome } from "../gen/satoshigle/v1/event_pb.js";

/** How far the events of the session were applied. Each counts once, in order; a gap is never passed over. */
export class StreamPosition {
  #epoch = "";
  #lastSequence = 0;
  /** After which event something came that cannot be read. */
  #stumbledAfter: number | undefined;
  #past = false;

  /** Where a new stream is to go on. */
  get position(): { epoch: string; lastSequence: number } {
    return this.#past ? { epoch: "", lastSequence: 0 } : { epoch: this.#epoch, lastSequence: this.#lastSequence };
  }

  /** What comes next cannot be read. When that happens twice at one place, the next stream starts past it. */
  stumble(): void {
    if (this.#stumbledAfter === this.#lastSequence) this.skip();
    this.#stumbledAfter = this.#lastSequence;
  }

  /** The next stream starts with a snapshot, whatever this one still brings. */
  skip(): void {
    this.#past = true;
  }

  /** What is known is worthless: ask for a snapshot. */
  reset(): void {
    this.#past = false;
    this.#stumbledAfter = undefined;
    this.#epoch = "";
    this.#lastSequence = 0;
  }

  /** A stream opened. True when it skips events, so that its snapshot counts. */
  welcome({ resumed, epoch, lastSequence }: Welcome): boolean {
    // The stream before may have brought more after this one was asked for: those come again and are ignored. In another
    // epoch they need not be the same.
    const goesOn = !this.#past && resumed && (epoch === this.#epoch || lastSequence === this.#lastSequence);
    this.#epoch = epoch;
    if (goesOn) return false;
    this.#lastSequence = lastSequence;
    this.#past = false;
    this.#stumbledAfter = undefined;
    return true;
  }

  advance(sequence: number): "next" | "repeated" | "gap" {
    if (sequence <= this.#lastSequence) return "repeated";
    if (sequence > this.#lastSequence + 1) return "gap";
    this.#lastSequence = sequence;
    return "next";
  }
}
