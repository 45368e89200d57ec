import {
  Code,
  ConnectError,
  type ConnectRouter,
  createContextKey,
  type HandlerContext,
  type Interceptor,
} from "@connectrpc/connect";
import { MatchService } from "../../gen/satoshigle/v1/matching_pb.js";
import { SignalService } from "../../gen/satoshigle/v1/signaling_pb.js";
import type { Caller } from "../app/caller.js";
import { toConnectError } from "./errors.js";
import type { Guards } from "./guards.js";
import type { matchingService } from "./matching.js";
import type { signalingService } from "./signaling.js";

export interface PublicServices {
  signaling: ReturnType<typeof signalingService>;
  matching: ReturnType<typeof matchingService>;
}

/** What the listener knows of a request that Connect does not. */
export interface Peer {
  host: string;
  ownOrigin: string;
}

export const peerKey = createContextKey<Peer>({ host: "", ownOrigin: "" });
const callerKey = createContextKey<Caller | undefined>(undefined);

/** How long a unary call may take, in milliseconds. */
const UNARY_TIMEOUT_MS = 10_000;

/**
 * The public services on Connect's router. Every handler is one call of a plain function. Options of a method replace
 * the router's choice of protocols, so that `grpc` is said again.
 */
export function publicRoutes(router: ConnectRouter, { signaling, matching }: PublicServices, grpc: boolean): void {
  const unary = { maxTimeoutMs: UNARY_TIMEOUT_MS, grpc };
  router.rpc(SignalService.method.signal, (request, context) =>
    each(signaling.signal(callerOf(context), request), context.signal),
  );
  const { send } = SignalService.method;
  const { match, leave, report } = MatchService.method;
  router.rpc(
    send,
    acknowledge((caller, request) => signaling.send(caller, request)),
    unary,
  );
  router.rpc(
    match,
    acknowledge((caller, request) => matching.match(caller, request)),
    unary,
  );
  router.rpc(
    leave,
    acknowledge((caller) => matching.leave(caller)),
    unary,
  );
  router.rpc(
    report,
    acknowledge((caller, request) => matching.report(caller, request)),
    unary,
  );
}

/** Lets the guards decide on every call. */
export function guardInterceptor(guards: Guards): Interceptor {
  return (next) => async (request) => {
    const caller = await guards({
      header: (name) => request.header.get(name),
      ...request.contextValues.get(peerKey),
      signal: request.signal,
    });
    request.contextValues.set(callerKey, caller);
    return next(request);
  };
}

/** Maps every error to the wire, and reports those that are our own fault. */
export function errorInterceptor(onFault: (method: string, error: unknown) => void): Interceptor {
  return (next) => async (request) => {
    const map = (error: unknown): ConnectError => {
      const mapped = toConnectError(error);
      const isOurs = mapped.code === Code.Internal || mapped.code === Code.Unknown;
      if (isOurs && !request.signal.aborted) onFault(request.method.name, mapped.cause); // aborted: the client is gone
      return mapped;
    };
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

/** A handler whose answer is empty: it says only that the command was carried out. */
function acknowledge<Request>(serve: (caller: Caller, request: Request) => Promise<void>) {
  return async (request: Request, context: HandlerContext): Promise<Record<string, never>> => {
    await serve(callerOf(context), request);
    return {};
  };
}

/**
 * The members of batches, until the client is gone. Then the source ends at once, even if whoever reads it never comes
 * back for more: a write to a socket that is being destroyed may neither succeed nor fail.
 */
async function* each<T>(batches: AsyncGenerator<T[], void, undefined>, signal: AbortSignal): AsyncIterable<T> {
  if (signal.aborted) return;
  const end = () => {
    batches.return().catch(() => undefined); // whoever reads, if anyone does, gets the error
  };
  signal.addEventListener("abort", end, { once: true });
  for await (const batch of batches) yield* batch;
}

function callerOf(context: HandlerContext): Caller {
  const caller = context.values.get(callerKey);
  if (caller === undefined) throw new Error("no guard ran before the handler");
  return caller;
}
