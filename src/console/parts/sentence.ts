import { Code, ConnectError } from "@connectrpc/connect";
import { ErrorInfoSchema } from "../../../gen/google/rpc/error_details_pb.js";

/** What went wrong with a call, as a sentence for operators. */
export function sentenceOf(error: unknown): string {
  const { code, rawMessage } = ConnectError.from(error);
  switch (code) {
    case Code.InvalidArgument:
      return `The server refused the request: ${rawMessage}.`;
    case Code.ResourceExhausted:
      return `The server has reached a limit: ${rawMessage}.`;
    case Code.Unavailable:
      return "The store is unreachable. Try again.";
    case Code.DeadlineExceeded:
      return "The server did not answer in time. Refresh to see whether the change was made.";
    case Code.Unknown: // the browser could not connect, or the connection broke
      return "This server is unreachable. Try again.";
    default:
      return `The request failed: ${rawMessage}.`;
  }
}

/** The reason that the server gives for an error, such as `NETWORK_CROWDED`; empty without one. */
export function reasonOf(error: unknown): string {
  return ConnectError.from(error).findDetails(ErrorInfoSchema)[0]?.reason ?? "";
}
