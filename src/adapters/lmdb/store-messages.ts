import { DomainError, type ErrorContext, type Reason } from "../../core/errors.js";

/** The ports that the databases serve. */
export type PortName = "records" | "tips";

/** What a process is to open. */
export interface Opening {
  folder: string;
  /** Why no change is let through at first, and for how long not even a trial, in milliseconds. */
  fault: { code: string; quietMs: number } | undefined;
}

/** From the server to the process that holds its databases. */
export type Order =
  | ({ type: "open" } & Opening)
  | { type: "ask"; id: number; port: PortName; verb: string; args: unknown[] }
  | { type: "close" };

/** And back. */
export type News =
  | { type: "opened"; trouble: string | undefined }
  /** The databases could not be opened. */
  | { type: "failed"; code: string }
  | { type: "answer"; id: number; result: unknown }
  | { type: "refusal"; id: number; error: unknown }
  /** A trouble began, changed or, with undefined, is over. */
  | { type: "trouble"; code: string | undefined }
  /** A transaction failed inside the database: the process ends, and another one may be started at once. */
  | { type: "broken"; code: string }
  | { type: "closed" };

interface Refused {
  reason: Reason;
  message: string;
  context: ErrorContext;
}

/** A refusal loses its class on the way between processes; other errors do not. */
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
