import type { DescMethod } from "@bufbuild/protobuf";
import { Code, ConnectError, type Interceptor } from "@connectrpc/connect";

/** How long a unary call may take, in milliseconds, whatever its client allows it. */
export const UNARY_TIMEOUT_MS = 10_000;

interface Pending {
  untilMs: number;
  giveUp: () => void;
}

/**
 * Work under way with the same time to end in. As nothing that begins later is due earlier, one timer serves all of it,
 * set for the first; setting and clearing one for each call costs more than many a call.
 */
class Deadlines {
  readonly #pending = new Set<Pending>();
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly timeoutMs: number) {}

  add(giveUp: () => void): Pending {
    const pending = { untilMs: performance.now() + this.timeoutMs, giveUp };
    this.#pending.add(pending);
    this.#timer ??= this.#look(this.timeoutMs);
    return pending;
  }

  delete(pending: Pending): void {
    this.#pending.delete(pending);
  }

  #look(delayMs: number): NodeJS.Timeout {
    return setTimeout(() => {
      this.#timer = undefined;
      const nowMs = performance.now();
      for (const pending of this.#pending) {
        if (pending.untilMs > nowMs) {
          this.#timer = this.#look(Math.ceil(pending.untilMs - nowMs));
          return;
        }
        this.#pending.delete(pending);
        pending.giveUp();
      }
    }, delayMs).unref();
  }
}

const deadlines = new Map<number, Deadlines>();

/**
 * The outcome of some work, or DEADLINE_EXCEEDED once it takes too long. The work itself goes on: what it commits, it
 * commits as a whole.
 */
export function inTime<T>(work: Promise<T>, timeoutMs = UNARY_TIMEOUT_MS): Promise<T> {
  const others = deadlines.get(timeoutMs) ?? new Deadlines(timeoutMs);
  deadlines.set(timeoutMs, others);
  return new Promise((resolve, reject) => {
    const pending = others.add(() => {
      const message = `the call did not end within ${String(timeoutMs / 1000)} s; it may have been carried out`;
      reject(new ConnectError(message, Code.DeadlineExceeded));
    });
    const settle = () => {
      others.delete(pending);
    };
    work.then(resolve, reject);
    work.then(settle, settle);
  });
}

/** Holds every unary call to its deadline, but of those methods that may take longer. Streams have none. */
export function deadlineInterceptor(unhurried: readonly DescMethod[]): Interceptor {
  return (next) => (request) =>
    request.stream || unhurried.includes(request.method) ? next(request) : inTime(next(request));
}
