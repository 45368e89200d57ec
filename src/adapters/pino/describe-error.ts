import { DomainError } from "../../core/errors.js";

/** What a log may hold of an error. */
export interface DescribedError {
  name: string;
  /** Such as `ECONNRESET`, or the word a Redis error begins with. */
  code?: string;
  /** Only of errors whose text is written in this project. */
  message?: string;
  /** Where it was made: functions, files and lines, without the text above them. */
  stack?: string;
  cause?: DescribedError;
  errors?: DescribedError[];
}

/** How much is told of an error, and of errors within errors. */
const MOST_FRAMES = 12;
const MOST_ERRORS = 4;
const MOST_LEVELS = 4;

/** Errors of this project by name; their text holds nothing that a stranger wrote. */
const ours = new Set(["ConfigError", "StoreError"]);

const NAMES = /^[A-Z][A-Za-z]{0,40}$/;
const CODES = /^[A-Z][A-Z0-9_]{1,40}$/;
const FRAMES = /^ {4}at [\w$.#<>[\] /:@()\\-]{1,300}$/;

/**
 * Names what an error is and where it comes from. Everything else is left out: an error of a store knows the arguments of
 * the call, one of a parser quotes what it read, and neither belongs in a log.
 */
export function describeError(error: unknown, level = 0): DescribedError {
  if (!(error instanceof Error)) return { name: typeof error };
  const [code, stack] = [codeOf(error), framesOf(error)];
  const described: DescribedError = { name: NAMES.test(error.name) ? error.name : "Error" };
  if (code !== undefined) described.code = code;
  if (error instanceof DomainError || ours.has(error.name)) described.message = error.message;
  if (stack !== "") described.stack = stack;
  if (level >= MOST_LEVELS) return described;
  const cause = causeOf(error);
  if (cause !== undefined) described.cause = describeError(cause, level + 1);
  if (error instanceof AggregateError) {
    described.errors = error.errors.slice(0, MOST_ERRORS).map((one) => describeError(one, level + 1));
  }
  return described;
}

/** The same in a few words. */
export function nameError(error: unknown): string {
  const { name, code, message } = describeError(error);
  return [name, code, message].filter((part) => part !== undefined).join(": ");
}

function codeOf(error: Error): string | undefined {
  if (error instanceof DomainError) return error.reason;
  const given: unknown = "code" in error ? error.code : undefined;
  if (typeof given === "string" && CODES.test(given)) return given;
  if (typeof given === "number") return String(given);
  const [first = ""] = error.message.split(" ", 1);
  return error.name === "ReplyError" && CODES.test(first) ? first : undefined;
}

/** An error that a Cluster client gives up with holds that of the last server beside its cause. */
function causeOf(error: Error): unknown {
  return error.cause ?? ("lastNodeError" in error ? (error.lastNodeError ?? undefined) : undefined);
}

/** The frames are the last lines of a stack; the text above them may have lines that look like some. */
function framesOf({ stack = "" }: Error): string {
  const lines = stack.split("\n");
  const begin = lines.findLastIndex((line) => !FRAMES.test(line)) + 1;
  return lines.slice(begin, begin + MOST_FRAMES).join("\n");
}
