import { durationMs } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError } from "@connectrpc/connect";
import { ErrorInfoSchema, RetryInfoSchema } from "../../gen/google/rpc/error_details_pb.js";

/** The content of an error. */
export interface Refusal {
  code: keyof typeof Code;
  message: string;
  /** `google.rpc.ErrorInfo.reason`. */
  reason?: string;
  /** The refused field of `ErrorInfo`. */
  field?: string;
  /** The problem, for programs. */
  problem?: string;
  /** `google.rpc.RetryInfo.retry_delay` in milliseconds. */
  retryMs?: number;
}

/** The refusal of a call. Throws if it was accepted. */
export async function refusalOf(call: Promise<unknown>): Promise<Refusal> {
  try {
    await call;
  } catch (error) {
    return readRefusal(error);
  }
  throw new Error("the call was not refused");
}

export function readRefusal(error: unknown): Refusal {
  if (!(error instanceof ConnectError)) throw error;
  const [info] = error.findDetails(ErrorInfoSchema);
  const [retry] = error.findDetails(RetryInfoSchema);
  const field = info?.metadata.field;
  return {
    code: Code[error.code] as keyof typeof Code,
    message: error.rawMessage,
    ...(info && { reason: info.reason }),
    ...(field !== undefined && { field }),
    ...(info?.metadata.problem !== undefined && { problem: info.metadata.problem }),
    ...(retry?.retryDelay && { retryMs: durationMs(retry.retryDelay) }),
  };
}
