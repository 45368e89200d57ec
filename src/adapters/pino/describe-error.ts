import { DomainError } from "../../core/errors.js";

/** The parts of an error that may be logged. */
export interface DescribedError {
  name: string;
  /** A code such as `ECONNRESET`, or that of a Redis error reply. */
  code?: string;
  /** Only of errors whose message is written in this project. */
  message?: string;
  /** The stack frames, without the message above them. */
  stack?: string;
  cause?: DescribedError;
  errors?: DescribedError[];
}

/** Limits on stack frames, aggregated errors, and nesting. */
const MAX_FRAMES = 12;
const MAX_ERRORS = 4;
const MAX_LEVELS = 4;

/** Names of this project's errors, whose messages contain no user input. */
const ours = new Set(["ConfigError", "StoreError"]);

const NAMES = /^[A-Z][A-Za-z]{0,40}$/;
const CODES = /^[A-Z][A-Z0-9_]{1,40}$/;
const FRAMES = /^ {4}at [\w$.#<>[\] /:@()\\-]{1,300}$/;

/**
 * Describes the kind and the origin of an error. Omits everything else: an error of a store may contain the arguments
 * of a call, and that of a parser may quote its input. Neither belongs in a log.
 */
export function describeError(error: unknown, level = 0): DescribedError {
  if (!(error instanceof Error)) return { name: typeof error };
  const [code, stack] = [codeOf(error), framesOf(error)];
  const described: DescribedError = { name: NAMES.test(error.name) ? error.name : "Error" };
  if (code !== undefined) described.code = code;
  if (error instanceof DomainError || ours.has(error.name)) described.message = error.message;
  if (stack !== "") described.stack = stack;
  if (level >= MAX_LEVELS) return described;
  const cause = causeOf(error);
  if (cause !== undefined) described.cause = describeError(cause, level + 1);
  if (error instanceof AggregateError) {
    described.errors = error.errors.slice(0, MAX_ERRORS).map((one) => describeError(one, level + 1));
  }
  return described;
}

/** Describes an error in a few words. */
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

/** The final error of a Cluster client has the error of the last server in `lastNodeError`. */
function causeOf(error: Error): unknown {
  return error.cause ?? ("lastNodeError" in error ? (error.lastNodeError ?? undefined) : undefined);
}

/** The frames are the last lines of a stack; the message above them may contain lines that look like frames. */
function framesOf({ stack = "" }: Error): string {
  const lines = stack.split("\n");
  const begin = lines.findLastIndex((line) => !FRAMES.test(line)) + 1;
  return lines.slice(begin, begin + MAX_FRAMES).join("\n");
}
