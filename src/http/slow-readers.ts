import type { ServerResponse } from "node:http";
import { constants, type Http2ServerResponse } from "node:http2";

type Answer = ServerResponse | Http2ServerResponse;

interface Progress {
  /** Bytes that were unread at the last check. */
  bytes: number;
  /** How many checks in a row found that nothing had been read. */
  checks: number;
}

/** The timeout is divided into this many checks. */
const CHECKS = 4;

/**
 * Disconnects clients that stop reading. Idle streams are left alone. It polls because Node.js restarts its socket
 * timeouts on any activity of the connection. One timer serves all answers.
 */
export class SlowReaders {
  readonly #answers = new Map<Answer, Progress>();
  #timer: NodeJS.Timeout | undefined;

  /** @param timeoutMs how long a client may read nothing; detected at most a quarter later */
  constructor(private readonly timeoutMs: number) {}

  /** Watches an answer that its client may read slowly. */
  watch(answer: Answer): void {
    if (isGone(answer)) return; // it no longer emits `close`
    this.#answers.set(answer, { bytes: 0, checks: 0 });
    answer.once("close", () => this.#answers.delete(answer));
    this.#timer ??= setInterval(() => {
      this.#check();
    }, this.timeoutMs / CHECKS).unref();
  }

  #check(): void {
    for (const [answer, progress] of this.#answers) {
      const bytes = unreadBytes(answer);
      const hasRead = bytes < progress.bytes || (bytes === 0 && !answer.writableEnded);
      progress.bytes = bytes;
      progress.checks = hasRead ? 0 : progress.checks + 1;
      if (progress.checks >= CHECKS) disconnect(answer);
      if (isGone(answer)) this.#answers.delete(answer);
    }
    if (this.#answers.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}

/**
 * Ends an answer. A client over HTTP/2 that leaves some of it unread learns why: gRPC reports this code as
 * RESOURCE_EXHAUSTED. For the handler it is a client that disconnected. Without an error, a client is only asked to send
 * no more of its request (RFC 9113, section 8.1).
 */
function disconnect(answer: Answer): void {
  if ("stream" in answer && unreadBytes(answer) > 0) {
    answer.stream.close(constants.NGHTTP2_ENHANCE_YOUR_CALM);
    answer.stream.destroy(Object.assign(new Error("the client does not read"), { code: "ECONNRESET" }));
  } else answer.destroy();
}

/**
 * Whether the answer or its connection is closed. A pipelined answer that waits for an earlier one emits no `close`.
 */
function isGone(answer: Answer): boolean {
  return "stream" in answer ? answer.stream.destroyed : answer.destroyed || answer.req.socket.destroyed;
}

/** Bytes of an answer that its client has not read yet. */
export function unreadBytes(answer: Answer): number {
  return "stream" in answer ? answer.stream.bufferSize : answer.writableLength;
}
