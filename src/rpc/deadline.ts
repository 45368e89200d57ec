import type { DescMethod } from "@bufbuild/protobuf";
import { Code, ConnectError, type Interceptor } from "@connectrpc/connect";

/** How long a unary call may take, in milliseconds, whatever its client allows it. */
export const UNARY_TIMEOUT_MS = 10_000;

/**
 * The outcome of some work, or DEADLINE_EXCEEDED once it takes too long. The work itself goes on: what it commits, it
 * commits as a whole.
 */
export function inTime<T>(work: Promise<T>, timeoutMs = UNARY_TIMEOUT_MS): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      const message = `the call did not end within ${String(timeoutMs / 1000)} s; it may have been carried out`;
      reject(new ConnectError(message, Code.DeadlineExceeded));
    }, timeoutMs);
    work.then(resolve, reject).finally(() => {
      clearTimeout(timer);
    });
  });
}

/** Holds every unary call to its deadline, but of those methods that may take longer. Streams have none. */
export function deadlineInterceptor(unhurried: readonly DescMethod[]): Interceptor {
  return (next) => (request) =>
    request.stream || unhurried.includes(request.method) ? next(request) : inTime(next(request));
}
