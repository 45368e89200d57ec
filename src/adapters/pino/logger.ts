import { type DestinationStream, type Logger, type LoggerOptions, pino } from "pino";
import { describeError, nameError } from "./describe-error.js";

/**
 * The log of the process. Whatever is logged of an error goes through `describeError`: under `err`, as the thing logged,
 * and where a line without words of its own would take on the error's.
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
        log.apply(this, harmless(args) as Parameters<typeof log>);
      },
    },
  };
  return destination === undefined ? pino(complete) : pino(complete, destination);
}

function harmless([first, ...rest]: unknown[]): unknown[] {
  const others = rest.map((one) => (one instanceof Error ? nameError(one) : one));
  if (first instanceof Error) return [{ err: first }, ...orName(others, first)];
  if (typeof first === "object" && first !== null && "err" in first) return [first, ...orName(others, first.err)];
  return [first, ...others];
}

/** A line says at least which error it is of. */
function orName(words: unknown[], error: unknown): unknown[] {
  return words.length === 0 ? [nameError(error)] : words;
}
