/** A problem with Redis. */
export interface Trouble {
  /**
   * `away`: it does not answer; `refusing`: it answers, but refuses commands until an operator intervenes; `damaged`: a
   * key of the realm has an unexpected type.
   */
  kind: "away" | "refusing" | "damaged";
  /** Such as `OOM` or `ECONNREFUSED`. */
  code: string;
  /** Text for operators. Never the message of Redis or ioredis, which may quote user input. */
  text: string;
}

const refusing: Record<string, string> = {
  OOM: "Redis refuses writes: it has reached maxmemory",
  READONLY: "Redis refuses writes: it is a read-only replica; REDIS_URL must name the primary",
  MISCONF: "Redis refuses writes: it cannot save to its disk",
  NOREPLICAS: "Redis refuses writes: too few replicas are in sync (min-replicas-to-write)",
  NOPERM: "Redis refuses commands: the user of REDIS_URL lacks rights (ACL)",
  NOAUTH: "Redis refuses commands: REDIS_URL needs a user or a password",
  WRONGPASS: "Redis refuses commands: the user or the password of REDIS_URL is wrong",
};

/** Errors that resolve without intervention while a server starts, fails over or is busy. */
const passing = new Set(["LOADING", "CLUSTERDOWN", "MASTERDOWN", "BUSY", "TRYAGAIN", "MOVED", "ASK", "UNKILLABLE"]);

const DAMAGED = "a key of the realm in Redis has an unexpected type";

/** Maps an error of ioredis or Redis to a problem; undefined for a bug, such as an error in a script. */
export function troubleOf(error: unknown): Trouble | undefined {
  if (!(error instanceof Error)) return away("UNKNOWN");
  if (error.name !== "ReplyError") return away(codeOf(error));
  const code = replyCode(error.message);
  const text = refusing[code];
  if (text !== undefined) return { kind: "refusing", code, text };
  if (code === "WRONGTYPE") return { kind: "damaged", code, text: DAMAGED };
  return passing.has(code) ? away(code) : undefined;
}

/** Redis did not answer in time at startup. A retry may succeed. */
export class SlowRedis extends Error {
  override readonly name = "SlowRedis";
}

/** Whether an error of ioredis means that a reply took too long, or that the connection broke before it arrived. */
export function isSlow(error: unknown): boolean {
  if (!(error instanceof Error) || error.name === "ReplyError") return false;
  return /in time|timed out|connection is closed/i.test(error.message);
}

/** The line of a script at which an error occurred, if Redis reports it. */
export function lineIn(error: Error): number | undefined {
  const line = /user_function:(\d+)/.exec(error.message)?.[1];
  return line === undefined ? undefined : Number(line);
}

/** The code of an error reply. An error inside a script has its own code, or follows `ERR` in some versions. */
export function replyCode(message: string): string {
  if (/ACL failure in script|user executing the script can't|no permissions/.test(message)) return "NOPERM";
  const nested = /^ERR [^-]*user_function:\d+: -?([A-Z]{2,}) /.exec(message)?.[1];
  return nested ?? /^[A-Z]+/.exec(message)?.[0] ?? "ERR";
}

function away(code: string): Trouble {
  return { kind: "away", code, text: "Redis is unavailable" };
}

function codeOf(error: Error & { code?: unknown }): string {
  if (typeof error.code === "string") return error.code;
  return /in time|timed out/i.test(error.message) ? "ETIMEDOUT" : "CLOSED";
}
