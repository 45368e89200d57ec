import { Code, ConnectError } from "@connectrpc/connect";
import { NodeAway, NodeRefusal } from "../../ports/lightning-node.js";

/** What LND answers with when it did not do what was asked; mostly `Unknown`. After others the outcome is unknown. */
const REFUSALS = new Set([
  ...[Code.Unknown, Code.InvalidArgument, Code.NotFound, Code.AlreadyExists, Code.FailedPrecondition],
  ...[Code.OutOfRange, Code.Unimplemented, Code.PermissionDenied, Code.Unauthenticated],
]);

/** What LND says while it starts, waits for the password of its wallet, or ends. */
const NOT_RUNNING = /wallet (is )?(locked|not created)|waiting to start|starting up|not yet ready|shutting down/i;

/** Errors of Node.js about the certificate of a server. */
const UNTRUSTED = /^(ERR_TLS_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|CERT_)/;

/** Waits for an answer of LND. @throws NodeRefusal or NodeAway */
export async function answerOf<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    throw nodeError(error);
  }
}

export function nodeError(error: unknown): NodeRefusal | NodeAway {
  if (error instanceof NodeRefusal || error instanceof NodeAway) return error;
  const failure = ConnectError.from(error);
  const words = failure.rawMessage;
  // Only an answer of LND has a status: what a proxy or the connection says proves nothing.
  const isAnswer = failure.metadata.has("grpc-status");
  if (isAnswer && REFUSALS.has(failure.code) && !NOT_RUNNING.test(words)) {
    return new NodeRefusal(words, { cause: error });
  }
  return new NodeAway(isUntrusted(failure) ? `LND_TLS_CERT_FILE is not LND's certificate: ${words}` : words, {
    cause: error,
  });
}

/** Whether LND said that there is no such invoice. Older versions say it in words alone. */
export function isUnknownInvoice(error: NodeRefusal): boolean {
  if (error.cause instanceof ConnectError && error.cause.code === Code.NotFound) return true;
  return /unable to locate invoice|there are no existing invoices/i.test(error.message);
}

function isUntrusted(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, cause } = error as { code?: unknown; cause?: unknown };
  return (typeof code === "string" && UNTRUSTED.test(code)) || isUntrusted(cause);
}
