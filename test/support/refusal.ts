import { durationMs } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError } from "@connectrpc/connect";
import { ErrorInfoSchema, RetryInfoSchema } from "../../gen/google/rpc/error_details_pb.js";

/** What an error tells its caller. */
export interface Refusal {
  code: keyof typeof Code;
  message: string;
  /** `google.rpc.ErrorInfo.reason`. */
  reason?: string;
  /** The refused field, as `ErrorInfo` names it. */
  field?: string;
  /** What is wrong with it, for programs. */
  problem?: string;
  /** `google.rpc.RetryInfo.retry_delay` in milliseconds. */
  retryMs?: number;
}

/** How a call was refused. Fails when it was not. */
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
