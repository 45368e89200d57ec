/** A way in which Redis does not do what it should. */
export interface Trouble {
  /**
   * `away`: it does not answer; `refusing`: it answers, and takes no changes until somebody does something about it;
   * `damaged`: a key of the realm is not what a script left there.
   */
  kind: "away" | "refusing" | "damaged";
  /** Such as `OOM` or `ECONNREFUSED`. */
  code: string;
  /** For an operator. Written here: what Redis or the client says may quote what a stranger sent. */
  text: string;
}

const refusing: Record<string, string> = {
  OOM: "Redis refuses changes: it has no memory left (maxmemory)",
  READONLY: "Redis refuses changes: it is a read-only replica; REDIS_URL must name the primary",
  MISCONF: "Redis refuses changes: it cannot save to its disk",
  NOREPLICAS: "Redis refuses changes: too few of its replicas are in step (min-replicas-to-write)",
  NOPERM: "Redis refuses commands: the user of REDIS_URL lacks rights (ACL)",
  NOAUTH: "Redis refuses commands: REDIS_URL needs a user or a password",
  WRONGPASS: "Redis refuses commands: the user or the password of REDIS_URL is wrong",
};

/** What passes by itself while a server starts, moves or is busy. */
const passing = new Set(["LOADING", "CLUSTERDOWN", "MASTERDOWN", "BUSY", "TRYAGAIN", "MOVED", "ASK", "UNKILLABLE"]);

const DAMAGED = "a key of the realm in Redis holds something else than this server put there";

/** What an error of the client or of Redis tells; undefined for a fault of ours, such as a script that is wrong. */
export function troubleOf(error: unknown): Trouble | undefined {
  if (!(error instanceof Error)) return away("UNKNOWN");
  if (error.name !== "ReplyError") return away(codeOf(error));
  const code = replyCode(error.message);
  const text = refusing[code];
  if (text !== undefined) return { kind: "refusing", code, text };
  if (code === "WRONGTYPE") return { kind: "damaged", code, text: DAMAGED };
  return passing.has(code) ? away(code) : undefined;
}

/** Redis did not answer a start, and may when it is asked again: it is slow just now. */
export class SlowRedis extends Error {
  override readonly name = "SlowRedis";
}

/** Whether an error of the client says that an answer took too long, or that the connection broke before it came. */
export function isSlow(error: unknown): boolean {
  if (!(error instanceof Error) || error.name === "ReplyError") return false;
  return /in time|timed out|connection is closed/i.test(error.message);
}

/** Where in a script it went wrong, as far as Redis tells. */
export function lineIn(error: Error): number | undefined {
  const line = /user_script:(\d+)/.exec(error.message)?.[1];
  return line === undefined ? undefined : Number(line);
}

/** The word an error reply begins with. One that a script met comes as it is, or after `ERR` in some versions. */
export function replyCode(message: string): string {
  if (/ACL failure in script|user executing the script can't|no permissions/.test(message)) return "NOPERM";
  const nested = /^ERR [^-]*user_script:\d+: -?([A-Z]{2,}) /.exec(message)?.[1];
  return nested ?? /^[A-Z]+/.exec(message)?.[0] ?? "ERR";
}

function away(code: string): Trouble {
  return { kind: "away", code, text: "Redis is away" };
}

function codeOf(error: Error & { code?: unknown }): string {
  if (typeof error.code === "string") return error.code;
  return /in time|timed out/i.test(error.message) ? "ETIMEDOUT" : "CLOSED";
}
