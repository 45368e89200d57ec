import { type DestinationStream, type Logger, type LoggerOptions, pino } from "pino";
import { describeError, nameError } from "./describe-error.js";

/**
 * Creates the log of the process. Errors are always logged through `describeError`: under `err`, as the logged object,
 * and where a line without a message would take that of the error.
 */
export function createLogger(
  options: Pick<LoggerOptions, "level" | "transport">,
  destination?: DestinationStream,
): Logger {
  const complete: LoggerOptions = {
    ...options,
    serializers: { err: describeError, error: describeError, reason: describeError },
    hooks: {
      logMethod(args, log) {
        log.apply(this, sanitize(args) as Parameters<typeof log>);
      },
    },
  };
  return destination === undefined ? pino(complete) : pino(complete, destination);
}

function sanitize([first, ...rest]: unknown[]): unknown[] {
  const others = rest.map((one) => (one instanceof Error ? nameError(one) : one));
  if (first instanceof Error) return [{ err: first }, ...withMessage(others, first)];
  if (typeof first === "object" && first !== null && "err" in first) return [first, ...withMessage(others, first.err)];
  return [first, ...others];
}

/** A line without a message names its error. */
function withMessage(message: unknown[], error: unknown): unknown[] {
  return message.length === 0 ? [nameError(error)] : message;
}
