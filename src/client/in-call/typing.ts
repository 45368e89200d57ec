/** A side that goes on typing repeats it this often. */
const REPEAT_MS = 2_000;
/** Without a repetition it has stopped. */
const END_MS = 5_000;

export interface TypingHandlers {
  send(active: boolean): void;
  /** Whether the partner is typing changed. */
  changed(active: boolean): void;
}

/** Who of the two is typing. */
export class Typing {
  readonly #handlers: TypingHandlers;
  /** When this side said so; undefined if it is not typing. */
  #sentMs: number | undefined;
  #partnerActive = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(handlers: TypingHandlers) {
    this.#handlers = handlers;
  }

  /** This side typed something, or stopped. May be called for every key. */
  set(active: boolean): void {
    const isKnown = this.#sentMs !== undefined && Math.abs(Date.now() - this.#sentMs) < REPEAT_MS;
    if (active ? isKnown : this.#sentMs === undefined) return;
    this.#sentMs = active ? Date.now() : undefined;
    this.#handlers.send(active);
  }

  /** The partner typed something, or stopped. */
  receive(active: boolean): void {
    clearTimeout(this.#timer);
    if (active) this.#timer = setTimeout(() => this.receive(false), END_MS);
    if (active === this.#partnerActive) return;
    this.#partnerActive = active;
    this.#handlers.changed(active);
  }
}
