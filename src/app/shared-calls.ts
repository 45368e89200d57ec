import type { Clock } from "../ports/clock.js";

/** How long an answer is shared, in milliseconds. */
const SHARED_MS = 1_000;

interface Call<Value> {
  answer: Promise<Value>;
  madeMs: number;
  isOver: boolean;
}

/**
 * Limits calls to one at a time and about one per second for each key. Concurrent callers share the result, including
 * an error.
 */
export class SharedCalls<Key, Value> {
  /** By when they were made, the earliest first. */
  readonly #calls = new Map<Key, Call<Value>>();

  constructor(private readonly clock: Pick<Clock, "nowMs">) {}

  make(key: Key, act: () => Promise<Value>): Promise<Value> {
    const nowMs = this.clock.nowMs();
    this.#forget(nowMs);
    const known = this.#calls.get(key);
    if (known !== undefined && !isOld(known, nowMs)) return known.answer;
    const call = { answer: act(), madeMs: nowMs, isOver: false };
    const end = () => {
      call.isOver = true;
    };
    call.answer.then(end, end);
    this.#calls.delete(key); // so that it moves to the end
    this.#calls.set(key, call);
    return call.answer;
  }

  /** Forgets the earliest calls. One that is still under way keeps later ones for as long. */
  #forget(nowMs: number): void {
    for (const [key, call] of this.#calls) {
      if (!isOld(call, nowMs)) return;
      this.#calls.delete(key);
    }
  }
}

function isOld<Value>({ isOver, madeMs }: Call<Value>, nowMs: number): boolean {
  return isOver && nowMs >= madeMs + SHARED_MS;
}
