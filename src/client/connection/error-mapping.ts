import { durationMs } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError } from "@connectrpc/connect";
import { ErrorInfoSchema, RetryInfoSchema } from "../gen/google/rpc/error_details_pb.js";
import { SessionClosed_Reason } from "../gen/satoshigle/v1/event_pb.js";
import { SatoshigleError, type ErrorCode } from "../errors.js";
import { MAX_TIMER_MS } from "./timers.js";

/** Reasons of the server that are, in lower case, codes of the client. */
const SHARED_REASONS =
  /^(BANNED|SUPERSEDED|ALREADY_CONNECTED|IDENTITY_(REQUIRED|REFUSED|UNAVAILABLE)|DEPOSIT_REQUIRED|TIPS_OFF|TIP_OVER)$/;

/**
 * Other reasons that are more specific than the status code they arrive with, and why a limit is reached if not because
 * this client calls too often.
 */
const ERROR_CODES_BY_REASON: Record<string, ErrorCode> = {
  RELAY_UNAVAILABLE: "invalid",
  TIP_UNKNOWN: "tip_over",
  TIP_SIDE: "invalid",
  TIP_TAKEN: "invalid",
  INVOICE_USED: "invalid",
  overload: "overloaded",
  network: "network_full",
};

const ERROR_CODES_BY_STATUS: Partial<Record<Code, ErrorCode>> = {
  [Code.Unavailable]: "server_unreachable",
  [Code.DeadlineExceeded]: "server_unreachable",
  // A failed fetch has no status.
  [Code.Unknown]: "server_unreachable",
  [Code.Canceled]: "server_unreachable",
  [Code.ResourceExhausted]: "limit_reached",
  [Code.InvalidArgument]: "invalid",
  [Code.FailedPrecondition]: "match_over",
  [Code.PermissionDenied]: "origin_denied",
};

/** Converts the failure of a call to the error of the public interface. */
export function toSatoshigleError(reason: unknown): SatoshigleError {
  if (reason instanceof SatoshigleError) return reason;
  const error = ConnectError.from(reason);
  const { reason: given = "", metadata = {} } = error.findDetails(ErrorInfoSchema)[0] ?? {};
  const delay = error.findDetails(RetryInfoSchema)[0]?.retryDelay;
  const { challenge, problem = challenge, field, expire_time: expireTime } = metadata;
  const specific = given === "LIMIT_REACHED" && problem ? problem : given;
  const code =
    (SHARED_REASONS.test(given) ? (given.toLowerCase() as ErrorCode) : ERROR_CODES_BY_REASON[specific]) ??
    ERROR_CODES_BY_STATUS[error.code] ??
    "internal";
  // Browsers describe a failed fetch in different words, none of them helpful.
  const message = error.code === Code.Unknown ? "The server is unreachable." : error.rawMessage;
  return new SatoshigleError(code, message, {
    problem,
    field,
    retryAfterMs: delay && Math.min(durationMs(delay), MAX_TIMER_MS),
    expiresAtMs: expireTime ? Date.parse(expireTime) : undefined,
    cause: error,
  });
}

/** Whether the same call may succeed later, because the server or the network is down. */
export function isTransient(reason: unknown): boolean {
  return toSatoshigleError(reason).code === "server_unreachable";
}

/** Whether the same call may succeed once a limit allows it. */
export function isLimit(reason: unknown): boolean {
  return ["limit_reached", "overloaded", "network_full"].includes(toSatoshigleError(reason).code);
}

/** Whether the session of the call is over. */
export function isUnauthenticated(reason: unknown): boolean {
  return ConnectError.from(reason).code === Code.Unauthenticated;
}

/** Whether the server refuses a stream because the person has other sessions. */
export function isTaken({ code }: SatoshigleError): boolean {
  return ["superseded", "already_connected"].includes(code);
}

/** Whether the server would refuse the client again if it reconnected. */
export function isPermissionDenied(reason: unknown): boolean {
  return ConnectError.from(reason).code === Code.PermissionDenied;
}

/** Whether a call of `Send` arrived before an earlier one. */
export function isSequenceGap(reason: unknown): boolean {
  return ConnectError.from(reason).findDetails(ErrorInfoSchema)[0]?.reason === "SEQUENCE_GAP";
}

/** Whether a message arrived that cannot be decoded. */
export function isUnreadable(reason: unknown): boolean {
  return [Code.Internal, Code.InvalidArgument, Code.DataLoss].includes(ConnectError.from(reason).code);
}

/** The error for an exception in the client's own handling of an event. */
export function handlerError(cause: unknown): SatoshigleError {
  return new SatoshigleError("internal", "An event failed.", { cause });
}

/** The error for a session that the server closed. */
export function closedError(reason: SessionClosed_Reason): SatoshigleError {
  const code = ERROR_CODES_BY_CLOSING[reason];
  return new SatoshigleError(code ?? "internal", `This session was ${code ?? "closed"}.`);
}

const ERROR_CODES_BY_CLOSING: Partial<Record<SessionClosed_Reason, ErrorCode>> = {
  [SessionClosed_Reason.REPLACED]: "replaced",
  [SessionClosed_Reason.BANNED]: "banned",
  [SessionClosed_Reason.SUPERSEDED]: "superseded",
  [SessionClosed_Reason.REMOVED]: "removed",
};

/**
 * The error for a stream that did not open in time.
 * @param isAnswered whether the server answered meanwhile, which a browser without a free connection would not learn
 */
export function openTimeoutError(baseUrl: string, isAnswered: boolean): SatoshigleError {
  if (isAnswered) {
    return new SatoshigleError("stream_buffered", "A proxy buffers the stream.");
  }
  if (!isCleartext(baseUrl)) return new SatoshigleError("server_unreachable", "The server is unreachable.");
  return tooManyTabsError();
}

/** The error for a stream that would take the last connection that the browser opens to the server. */
export function tooManyTabsError(): SatoshigleError {
  return new SatoshigleError("stream_blocked", "Too many tabs are open.");
}

function isCleartext(baseUrl: string): boolean {
  const page = (globalThis as { location?: { href: string } }).location?.href;
  try {
    return new URL(baseUrl, page).protocol === "http:";
  } catch {
    return false;
  }
}
