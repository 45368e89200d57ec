import type { Message } from "@bufbuild/protobuf";
import { type ConnectRouter, createContextKey, type HandlerContext } from "@connectrpc/connect";
import { type SignalResponse, SignalService } from "../../gen/satoshigle/v1/signaling_pb.js";
import type { StreamClient } from "../app/arrivals.js";
import type { Caller } from "../app/caller.js";
import { renderMessage } from "./codec/render.js";
import { publicCommands } from "./commands.js";
import { UNARY_TIMEOUT_MS } from "./interceptors/deadline.js";
import type { OpenStream, PublicServices } from "./service.js";

/** The caller, as admission identified it. */
export const callerKey = createContextKey<Caller | undefined>(undefined);

/**
 * Adds the public services to Connect's router. A method's options replace the router's choice of protocols, so `grpc`
 * is repeated for each.
 */
export function publicRoutes(router: ConnectRouter, services: PublicServices, grpc: boolean): void {
  const unary = { maxTimeoutMs: UNARY_TIMEOUT_MS, grpc };
  router.rpc(SignalService.method.signal, (request, context) =>
    responses((client) => services.openStream(callerOf(context), request, client), context.signal),
  );
  for (const { method, serve } of publicCommands(services)) {
    const handle = async (request: Message, context: HandlerContext) => (await serve(callerOf(context), request)) ?? {};
    router.rpc(method, handle, unary);
  }
}

/**
 * The responses of a stream until its client is gone. The session then ends at once, even if the reader never asks for
 * more: a write to a socket that is being destroyed may neither succeed nor fail.
 */
async function* responses(
  open: (client: StreamClient) => Promise<OpenStream>,
  signal: AbortSignal,
): AsyncIterable<SignalResponse> {
  const isGone = () => signal.aborted;
  if (isGone()) return;
  const { session, context } = await open({ isGone, onWait: () => undefined });
  const end = () => {
    session.end();
  };
  signal.addEventListener("abort", end, { once: true });
  if (isGone()) end();
  for (let batch = await session.next(); batch.length > 0; batch = await session.next()) {
    for (const message of batch) yield renderMessage(message, context);
  }
}

function callerOf(context: HandlerContext): Caller {
  const caller = context.values.get(callerKey);
  if (caller === undefined) throw new Error("a call bypassed admission");
  return caller;
}
