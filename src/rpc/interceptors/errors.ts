import { create } from "@bufbuild/protobuf";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError } from "@connectrpc/connect";
import { ErrorInfoSchema, RetryInfoSchema } from "../../../gen/google/rpc/error_details_pb.js";
import { DomainError, type Reason } from "../../core/errors.js";

/** The one place where a reason gets its code. A reason without one does not compile. */
const codes = {
  token_invalid: Code.Unauthenticated,
  session_unknown: Code.Unauthenticated,
  match_over: Code.FailedPrecondition,
  sequence_gap: Code.FailedPrecondition,
  field_invalid: Code.InvalidArgument,
  relay_unavailable: Code.FailedPrecondition,
  limit_reached: Code.ResourceExhausted,
  banned: Code.PermissionDenied,
  report_unknown: Code.NotFound,
  tip_unknown: Code.NotFound,
  tip_taken: Code.AlreadyExists,
  tip_over: Code.FailedPrecondition,
  tip_side: Code.PermissionDenied,
  invoice_used: Code.AlreadyExists,
  tips_off: Code.FailedPrecondition,
  origin_denied: Code.PermissionDenied,
  draining: Code.Unavailable,
  store_away: Code.Unavailable,
  store_full: Code.ResourceExhausted,
} as const satisfies Record<Reason, Code>;

/** Bytes of a message and of each text in the details: with them an error has at most 4 KiB in every protocol. */
const MAX_MESSAGE_BYTES = 512;
const MAX_TEXT_BYTES = 256;

/** The beginning of a text that fits, in what every protocol can carry as it is. */
function short(text: string, maxBytes: number): string {
  const plain = text.slice(0, maxBytes).replace(/[\p{Cc}\p{Cs}]/gu, " ");
  if (Buffer.byteLength(plain) <= maxBytes && plain.length === text.length) return plain;
  return `${Buffer.from(plain)
    .subarray(0, maxBytes - 8)
    .toString()
    .replace(/\ufffd+$/, "")} …`;
}

/**
 * An error as the wire carries it: `google.rpc.ErrorInfo` names the reason and, in its metadata, the
 * field, the problem and when what stands in the way expires; `google.rpc.RetryInfo` says when to come back. What is no `DomainError` is not the caller's business: INTERNAL.
 */
export function toConnectError(error: unknown): ConnectError {
  if (error instanceof ConnectError) return fromLibrary(error);
  if (!(error instanceof DomainError)) {
    return new ConnectError("internal error", Code.Internal, undefined, undefined, error);
  }
  const connectError = new ConnectError(
    short(error.message, MAX_MESSAGE_BYTES),
    codes[error.reason],
    undefined,
    undefined,
    error,
  );
  const { field, problem, retryAfterMs, expiresMs } = error.context;
  const metadata: Record<string, string> = {
    ...(field !== undefined && { field: short(field, MAX_TEXT_BYTES) }),
    ...(problem !== undefined && { problem: short(problem, MAX_TEXT_BYTES) }),
    ...(expiresMs !== undefined && { expire_time: new Date(expiresMs).toISOString() }),
  };
  connectError.details.push({
    desc: ErrorInfoSchema,
    value: create(ErrorInfoSchema, { reason: error.reason.toUpperCase(), domain: "satoshigle", metadata }),
  });
  if (retryAfterMs !== undefined) {
    const retryDelay = durationFromMs(Math.ceil(retryAfterMs));
    connectError.details.push({ desc: RetryInfoSchema, value: create(RetryInfoSchema, { retryDelay }) });
  }
  return connectError;
}

/** The library calls bytes that are no message INTERNAL, but the fault is the caller's. What it quotes is cut short. */
function fromLibrary(error: ConnectError): ConnectError {
  const code = error.code === Code.Internal ? Code.InvalidArgument : error.code;
  const message = short(error.rawMessage, MAX_MESSAGE_BYTES);
  if (code === error.code && message === error.rawMessage) return error;
  const mapped = new ConnectError(message, code, undefined, undefined, error);
  mapped.details.push(...error.details);
  return mapped;
}

/** An error of a method as the wire carries it. */
export type ErrorMap = (method: string, error: unknown, clientIsGone: boolean) => ConnectError;

/** Maps every error to the wire, and reports those that are our own fault; of a client that is gone, none is. */
export function createErrorMap(onFault: (method: string, error: unknown) => void): ErrorMap {
  return (method, error, clientIsGone) => {
    const mapped = toConnectError(error);
    const isOurs = mapped.code === Code.Internal || mapped.code === Code.Unknown;
    if (isOurs && !clientIsGone) onFault(method, mapped.cause);
    return mapped;
  };
}
