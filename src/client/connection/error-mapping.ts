import { durationMs } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError } from "@connectrpc/connect";
import { ErrorInfoSchema, RetryInfoSchema } from "../gen/google/rpc/error_details_pb.js";
import { SessionClosed_Reason } from "../gen/satoshigle/v1/event_pb.js";
import { SatoshigleError, type ErrorCode } from "../errors.js";
import { MAX_TIMER_MS } from "./timers.js";

/** The server's reasons that say more than the code they travel with. */
const reasons: Record<string, ErrorCode> = {
  RELAY_UNAVAILABLE: "invalid",
  BANNED: "banned",
  TIPS_OFF: "tips_off",
  TIP_OVER: "tip_over",
  TIP_UNKNOWN: "tip_over",
  TIP_SIDE: "invalid",
  TIP_TAKEN: "invalid",
  INVOICE_USED: "invalid",
};

const codes: Partial<Record<Code, ErrorCode>> = {
  [Code.Unavailable]: "server_unreachable",
  [Code.DeadlineExceeded]: "server_unreachable",
  // A failed fetch has no code of its own.
  [Code.Unknown]: "server_unreachable",
  [Code.Canceled]: "server_unreachable",
  [Code.ResourceExhausted]: "limit_reached",
  [Code.InvalidArgument]: "invalid",
  [Code.FailedPrecondition]: "match_over",
  [Code.PermissionDenied]: "origin_denied",
};

/** Any failure of a call as the one error of the public interface. */
export function toSatoshigleError(reason: unknown): SatoshigleError {
  if (reason instanceof SatoshigleError) return reason;
  const error = ConnectError.from(reason);
  const info = error.findDetails(ErrorInfoSchema)[0];
  const code = reasons[info?.reason ?? ""] ?? codes[error.code] ?? "internal";
  const field = info?.reason === "RELAY_UNAVAILABLE" ? "preferences.relay_only" : info?.metadata.field;
  // What fetch says about a dead network differs by browser and helps nobody.
  const message = error.code === Code.Unknown ? "The server cannot be reached." : error.rawMessage;
  const expiresAtMs = info?.metadata.expire_time === undefined ? undefined : Date.parse(info.metadata.expire_time);
  return new SatoshigleError(code, message, {
    field,
    retryAfterMs: retryAfterMs(error),
    expiresAtMs,
    cause: error,
  });
}

/** Whether the same call may succeed later without anyone changing anything: the server is away, or the network is. */
export function isTransient(reason: unknown): boolean {
  return toSatoshigleError(reason).code === "server_unreachable";
}

/** Whether the session that the call named is over. */
export function isUnauthenticated(reason: unknown): boolean {
  return ConnectError.from(reason).code === Code.Unauthenticated;
}

/** Whether coming back by ourselves would only bring the same refusal. */
export function isRefusal(reason: unknown): boolean {
  return ConnectError.from(reason).code === Code.PermissionDenied;
}

/** Whether something arrived that makes no sense, rather than nothing. */
export function isUnreadable(reason: unknown): boolean {
  return [Code.Internal, Code.InvalidArgument, Code.DataLoss].includes(ConnectError.from(reason).code);
}

/** Something of this client threw. */
export function ownError(cause: unknown): SatoshigleError {
  return new SatoshigleError("internal", "An event could not be handled.", { cause });
}

/** Why the server closed a stream for good. */
export function closedError(reason: SessionClosed_Reason): SatoshigleError {
  switch (reason) {
    case SessionClosed_Reason.REPLACED:
      return new SatoshigleError("replaced", "This session was opened in another tab.");
    case SessionClosed_Reason.BANNED:
      return new SatoshigleError("banned", "This session was banned.");
    default:
      return new SatoshigleError("internal", "The server closed this session.");
  }
}

/** The stream did not open in time. */
export function blockedError(baseUrl: string): SatoshigleError {
  if (!isCleartext(baseUrl)) return new SatoshigleError("server_unreachable", "The server does not answer.");
  return new SatoshigleError(
    "stream_blocked",
    "The stream does not open. Over plain HTTP a browser allows six connections per host: close another tab of this page, or use HTTPS.",
  );
}

function isCleartext(baseUrl: string): boolean {
  const page = (globalThis as { location?: { href: string } }).location?.href;
  try {
    return new URL(baseUrl, page).protocol === "http:";
  } catch {
    return false;
  }
}

function retryAfterMs(error: ConnectError): number | undefined {
  const delay = error.findDetails(RetryInfoSchema)[0]?.retryDelay;
  return delay && Math.min(durationMs(delay), MAX_TIMER_MS);
}
