import type { ServerResponse } from "node:http";
import type { Http2ServerResponse } from "node:http2";

type Answer = ServerResponse | Http2ServerResponse;

interface Seen {
  /** What waited to be taken, in bytes, at the last look. */
  bytes: number;
  /** How many looks in a row found that nothing had been taken. */
  looks: number;
}

/** The deadline is cut into this many looks. */
const LOOKS = 4;

/**
 * Cuts off clients that take nothing of what is written for them; those that wait for news stay. It looks by itself:
 * the timeouts of Node.js start anew with whatever else happens on a connection. One timer serves all answers.
 */
export class SlowReaders {
  readonly #answers = new Map<Answer, Seen>();
  #timer: NodeJS.Timeout | undefined;

  /** @param timeoutMs how long a client may take nothing; it is noticed within a quarter more */
  constructor(private readonly timeoutMs: number) {}

  /** Watches an answer that may have to wait for its client. */
  watch(answer: Answer): void {
    if (isGone(answer)) return; // it tells no more that it closes
    this.#answers.set(answer, { bytes: 0, looks: 0 });
    answer.once("close", () => this.#answers.delete(answer));
    this.#timer ??= setInterval(() => {
      this.#look();
    }, this.timeoutMs / LOOKS).unref();
  }

  #look(): void {
    for (const [answer, seen] of this.#answers) {
      const bytes = unreadBytes(answer);
      const isTaken = bytes < seen.bytes || (bytes === 0 && !answer.writableEnded);
      seen.bytes = bytes;
      seen.looks = isTaken ? 0 : seen.looks + 1;
      if (seen.looks >= LOOKS) answer.destroy();
      if (isGone(answer)) this.#answers.delete(answer);
    }
    if (this.#answers.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}

/** Also when its connection is: an answer that waits for an earlier one need not be told. */
function isGone(answer: Answer): boolean {
  return "stream" in answer ? answer.stream.destroyed : answer.destroyed || answer.req.socket.destroyed;
}

/** What of an answer waits to be taken. */
export function unreadBytes(answer: Answer): number {
  return "stream" in answer ? answer.stream.bufferSize : answer.writableLength;
}
