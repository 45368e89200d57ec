import { Code, ConnectError } from "@connectrpc/connect";
import { ErrorInfoSchema } from "../../../gen/google/rpc/error_details_pb.js";
import { legible } from "./visible.js";

/** Sentences for reasons that say more than the code. The words of a node may be those of a stranger's node. */
const SENTENCES: Readonly<Record<string, (words: string) => string>> = {
  NODE_AWAY: () => "The Lightning node does not answer. Try again.",
  NODE_REFUSED: (words) => `The node refused: “${legible(words)}”`,
  POLICY_REFUSED: (words) => `The policy does not allow it: ${words}.`,
  POLICY_CHANGED: () => "Somebody else changed the policy meanwhile. Refresh to see it.",
  CHANNEL_UNKNOWN: () => "The node knows no such channel any more.",
};

/** What went wrong with a call, as a sentence for operators. */
export function sentenceOf(error: unknown): string {
  const { code, rawMessage } = ConnectError.from(error);
  const sentence = SENTENCES[reasonOf(error)];
  if (sentence) return sentence(rawMessage);
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
