import type { Message } from "@bufbuild/protobuf";
import {
  type ConnectError,
  type ConnectRouter,
  createContextKey,
  type HandlerContext,
  type Interceptor,
} from "@connectrpc/connect";
import { type SignalResponse, SignalService } from "../../gen/satoshigle/v1/signaling_pb.js";
import type { Caller } from "../app/caller.js";
import { commandsOf, type PublicServices } from "./commands.js";
import { UNARY_TIMEOUT_MS } from "./interceptors/deadline.js";
import type { ErrorMap } from "./interceptors/errors.js";
import { renderMessage } from "./codec/render.js";
import type { OpenStream } from "./services/signaling.js";

/** Who calls, as the door found out. */
export const callerKey = createContextKey<Caller | undefined>(undefined);

/**
 * The public services on Connect's router. Options of a method replace the router's choice of protocols, so that `grpc`
 * is said again.
 */
export function publicRoutes(router: ConnectRouter, services: PublicServices, grpc: boolean): void {
  const { signal } = SignalService.method;
  const unary = { maxTimeoutMs: UNARY_TIMEOUT_MS, grpc };
  router.rpc(signal, (request, context) =>
    responses(() => services.signaling.signal(callerOf(context), request), context.signal),
  );
  for (const { method, serve } of commandsOf(services)) {
    const handle = async (request: Message, context: HandlerContext) => (await serve(callerOf(context), request)) ?? {};
    router.rpc(method, handle, unary);
  }
}

/** Maps every error to the wire. */
export function errorInterceptor(mapError: ErrorMap): Interceptor {
  return (next) => async (request) => {
    const map = (error: unknown) => mapError(request.method.name, error, request.signal.aborted);
    try {
      const response = await next(request);
      if (!response.stream) return response;
      return { ...response, message: mapErrors(response.message, map) };
    } catch (error) {
      throw map(error);
    }
  };
}

async function* mapErrors<T>(messages: AsyncIterable<T>, map: (error: unknown) => ConnectError): AsyncIterable<T> {
  try {
    yield* messages;
  } catch (error) {
    throw map(error);
  }
}

/**
 * The responses of a stream, until the client is gone. Then it ends at once, even if whoever reads it never comes back
 * for more: a write to a socket that is being destroyed may neither succeed nor fail.
 */
async function* responses(open: () => Promise<OpenStream>, signal: AbortSignal): AsyncIterable<SignalResponse> {
  const isGone = () => signal.aborted;
  if (isGone()) return;
  const { session, context } = await open();
  const end = () => {
    session.end();
  };
  signal.addEventListener("abort", end, { once: true });
  if (isGone()) end();
  for (let batch = await session.next(); batch.length > 0; batch = await session.next()) {
    for (const delivery of batch) yield renderMessage(delivery, context);
  }
}

function callerOf(context: HandlerContext): Caller {
  const caller = context.values.get(callerKey);
  if (caller === undefined) throw new Error("a call came past the door");
  return caller;
}
