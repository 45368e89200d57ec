import type { DescMethod } from "@bufbuild/protobuf";
import { Code, ConnectError, type Interceptor } from "@connectrpc/connect";

/** How long a unary call may take, in milliseconds, whatever timeout its client set. */
export const UNARY_TIMEOUT_MS = 10_000;

interface Pending {
  expiresMs: number;
  expire: () => void;
}

/**
 * Pending calls with the same timeout. As they expire in the order they began, one timer serves all of them; setting
 * and clearing a timer for each call would cost more than many calls themselves.
 */
class Deadlines {
  readonly #pending = new Set<Pending>();
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly timeoutMs: number) {}

  add(expire: () => void): Pending {
    const pending = { expiresMs: performance.now() + this.timeoutMs, expire };
    this.#pending.add(pending);
    this.#timer ??= this.#schedule(this.timeoutMs);
    return pending;
  }

  delete(pending: Pending): void {
    this.#pending.delete(pending);
  }

  #schedule(delayMs: number): NodeJS.Timeout {
    return setTimeout(() => {
      this.#timer = undefined;
      const nowMs = performance.now();
      for (const pending of this.#pending) {
        if (pending.expiresMs > nowMs) {
          this.#timer = this.#schedule(Math.ceil(pending.expiresMs - nowMs));
          return;
        }
        this.#pending.delete(pending);
        pending.expire();
      }
    }, delayMs).unref();
  }
}

const deadlines = new Map<number, Deadlines>();

/**
 * Returns the result of some work, or fails with DEADLINE_EXCEEDED once it takes too long. The work itself continues,
 * and what it commits is committed as a whole.
 */
export function withDeadline<T>(work: Promise<T>, timeoutMs = UNARY_TIMEOUT_MS): Promise<T> {
  const pendingCalls = deadlines.get(timeoutMs) ?? new Deadlines(timeoutMs);
  deadlines.set(timeoutMs, pendingCalls);
  return new Promise((resolve, reject) => {
    const pending = pendingCalls.add(() => {
      const message = `the call did not end within ${String(timeoutMs / 1000)} s; it may have been carried out`;
      reject(new ConnectError(message, Code.DeadlineExceeded));
    });
    const settle = () => {
      pendingCalls.delete(pending);
    };
    work.then(resolve, reject);
    work.then(settle, settle);
  });
}

/** Applies the deadline to unary calls, except for long-running methods. Streams have none. */
export function deadlineInterceptor(longRunning: readonly DescMethod[]): Interceptor {
  return (next) => (request) =>
    request.stream || longRunning.includes(request.method) ? next(request) : withDeadline(next(request));
}
