import { create } from "@bufbuild/protobuf";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError, type Interceptor } from "@connectrpc/connect";
import { ErrorInfoSchema, RetryInfoSchema } from "../../../gen/google/rpc/error_details_pb.js";
import type { BanNotice } from "../../core/appeal.js";
import { DomainError, type Reason } from "../../core/errors.js";

/** The code of each reason. A reason without one does not compile. */
const codes = {
  token_invalid: Code.Unauthenticated,
  session_unknown: Code.Unauthenticated,
  identity_required: Code.Unauthenticated,
  identity_refused: Code.Unauthenticated,
  identity_unavailable: Code.Unavailable,
  already_connected: Code.PermissionDenied,
  superseded: Code.PermissionDenied,
  match_over: Code.FailedPrecondition,
  sequence_gap: Code.FailedPrecondition,
  field_invalid: Code.InvalidArgument,
  relay_unavailable: Code.FailedPrecondition,
  limit_reached: Code.ResourceExhausted,
  challenge: Code.ResourceExhausted,
  banned: Code.PermissionDenied,
  ban_unknown: Code.NotFound,
  appeal_exists: Code.AlreadyExists,
  appeal_unknown: Code.NotFound,
  appeal_over: Code.FailedPrecondition,
  restricted: Code.PermissionDenied,
  person_unknown: Code.NotFound,
  report_unknown: Code.NotFound,
  action_unknown: Code.NotFound,
  network_crowded: Code.FailedPrecondition,
  case_unknown: Code.NotFound,
  case_taken: Code.FailedPrecondition,
  case_over: Code.FailedPrecondition,
  case_unclaimed: Code.FailedPrecondition,
  moderator_required: Code.Unauthenticated,
  evidence_off: Code.FailedPrecondition,
  evidence_taken: Code.AlreadyExists,
  evidence_unknown: Code.NotFound,
  operator_refused: Code.PermissionDenied,
  role_required: Code.PermissionDenied,
  tip_unknown: Code.NotFound,
  tip_taken: Code.AlreadyExists,
  tip_over: Code.FailedPrecondition,
  tip_side: Code.PermissionDenied,
  invoice_used: Code.AlreadyExists,
  deposit_required: Code.FailedPrecondition,
  deposit_unknown: Code.NotFound,
  deposit_over: Code.FailedPrecondition,
  deposits_off: Code.FailedPrecondition,
  tips_off: Code.FailedPrecondition,
  node_missing: Code.FailedPrecondition,
  node_away: Code.Unavailable,
  node_refused: Code.FailedPrecondition,
  policy_refused: Code.FailedPrecondition,
  policy_changed: Code.FailedPrecondition,
  channel_unknown: Code.NotFound,
  cursor_expired: Code.OutOfRange,
  origin_denied: Code.PermissionDenied,
  draining: Code.Unavailable,
  store_away: Code.Unavailable,
  store_full: Code.ResourceExhausted,
} as const satisfies Record<Reason, Code>;

/** Bytes of a message and of each text in the details. They keep an error within 4 KiB in every protocol. */
const MAX_MESSAGE_BYTES = 512;
const MAX_TEXT_BYTES = 256;
const MAX_CHALLENGE_BYTES = 1024;

/** Truncates a text, and replaces the characters that not every protocol can carry. */
function truncate(text: string, maxBytes: number): string {
  const plain = text.slice(0, maxBytes).replace(/[\p{Cc}\p{Cs}]/gu, " ");
  if (Buffer.byteLength(plain) <= maxBytes && plain.length === text.length) return plain;
  return `${Buffer.from(plain)
    .subarray(0, maxBytes - 8)
    .toString()
    .replace(/\ufffd+$/, "")} …`;
}

/**
 * Maps an error to the wire. `google.rpc.ErrorInfo` carries the reason, and in its metadata the field, the problem, the
 * expiry, what a ban is and the challenge; `google.rpc.RetryInfo` carries the retry delay. Errors other than `DomainError` are
 * internal, and their details stay on the server.
 */
export function toConnectError(error: unknown): ConnectError {
  if (error instanceof ConnectError) return fromLibrary(error);
  if (!(error instanceof DomainError)) {
    return new ConnectError("internal error", Code.Internal, undefined, undefined, error);
  }
  const connectError = new ConnectError(
    truncate(error.message, MAX_MESSAGE_BYTES),
    codes[error.reason],
    undefined,
    undefined,
    error,
  );
  const { field, problem, retryAfterMs, expiresMs, ban, challenge } = error.context;
  const metadata: Record<string, string> = {
    ...(field !== undefined && { field: truncate(field, MAX_TEXT_BYTES) }),
    ...(problem !== undefined && { problem: truncate(problem, MAX_TEXT_BYTES) }),
    ...(expiresMs !== undefined && { expire_time: new Date(expiresMs).toISOString() }),
    ...(ban && describeBan(ban)),
    ...(challenge !== undefined && { challenge: truncate(challenge, MAX_CHALLENGE_BYTES) }),
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

function describeBan({ banId, scope, reason, appeal, answer }: BanNotice): Record<string, string> {
  return {
    ...{ ban_id: banId, scope, appeal },
    ...(reason !== "" && { ban_reason: truncate(reason, MAX_TEXT_BYTES) }),
    ...(answer !== "" && { appeal_answer: truncate(answer, MAX_TEXT_BYTES) }),
  };
}

/**
 * The library reports undecodable bytes as INTERNAL, but they are the caller's fault. The input it quotes is truncated.
 */
function fromLibrary(error: ConnectError): ConnectError {
  const code = error.code === Code.Internal ? Code.InvalidArgument : error.code;
  const message = truncate(error.rawMessage, MAX_MESSAGE_BYTES);
  if (code === error.code && message === error.rawMessage) return error;
  const mapped = new ConnectError(message, code, undefined, undefined, error);
  mapped.details.push(...error.details);
  return mapped;
}

/** Maps an error of a method to the wire. */
export type ErrorMap = (method: string, error: unknown, clientIsGone: boolean) => ConnectError;

/**
 * Maps every error to the wire, and reports internal errors. An error caused by a disconnected client is not reported.
 */
export function createErrorMap(onFault: (method: string, error: unknown) => void): ErrorMap {
  return (method, error, clientIsGone) => {
    const mapped = toConnectError(error);
    const isInternal = mapped.code === Code.Internal || mapped.code === Code.Unknown;
    if (isInternal && !clientIsGone) onFault(method, mapped.cause);
    return mapped;
  };
}

/** Maps every error of a call to the wire. */
export function errorInterceptor(mapError: ErrorMap): Interceptor {
  return (next) => async (request) => {
    const map = (error: unknown) => mapError(request.method.name, error, request.signal.aborted);
    try {
      const response = await next(request);
      if (!response.stream) return response;
      return { ...response, message: mapStreamErrors(response.message, map) };
    } catch (error) {
      throw map(error);
    }
  };
}

async function* mapStreamErrors<T>(
  messages: AsyncIterable<T>,
  map: (error: unknown) => ConnectError,
): AsyncIterable<T> {
  try {
    yield* messages;
  } catch (error) {
    throw map(error);
  }
}
