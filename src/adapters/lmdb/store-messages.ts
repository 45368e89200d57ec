import { DomainError, type ErrorContext, type Reason } from "../../core/errors.js";

/** The ports that the databases serve. */
export type PortName =
  "records" | "actions" | "cases" | "evidence" | "people" | "tips" | "deposits" | "events" | "webhooks" | "channels";

/** Which databases to open, and how. */
export interface Opening {
  folder: string;
  /** How many events the log keeps; 0 for no log. That of `eventRetention` by default. */
  maxEvents?: number | undefined;
  /** Why changes are rejected at first, and how long to wait before a trial write, in milliseconds. */
  fault: { code: string; quietMs: number } | undefined;
}

/** A request to run a verb of a port. */
export interface Ask {
  id: number;
  port: PortName;
  verb: string;
  args: unknown[];
}

/** Messages from the server to the process that holds its databases. */
export type Order = ({ type: "open" } & Opening) | ({ type: "ask" } & Ask) | { type: "close" };

/** The result of a request, or the error with which it was rejected. */
export type Answer = { id: number; result: unknown } | { id: number; error: unknown };

/** Messages from that process to the server. */
export type ChildMessage =
  | { type: "opened"; trouble: string | undefined }
  /** The databases could not be opened. */
  | { type: "failed"; code: string }
  | { type: "answers"; answers: Answer[] }
  /** A problem began or changed; undefined: it is resolved. */
  | { type: "trouble"; code: string | undefined }
  /** A transaction failed inside LMDB: the process exits, and another may be started at once. */
  | { type: "broken"; code: string }
  | { type: "closed" };

interface Refused {
  reason: Reason;
  message: string;
  context: ErrorContext;
}

/** Packs a DomainError, which would lose its class between processes. Other errors are sent as they are. */
export function packError(error: unknown): unknown {
  if (!(error instanceof DomainError)) return error;
  const { reason, message, context } = error;
  return { reason, message, context } satisfies Refused;
}

export function unpackError(packed: unknown): unknown {
  if (packed instanceof Error) return packed;
  const { reason, message, context } = packed as Refused;
  return new DomainError(reason, message, context);
}
