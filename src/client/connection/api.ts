import type { DescMessage, DescMethodUnary, MessageInitShape, MessageShape } from "@bufbuild/protobuf";
import type { Transport } from "@connectrpc/connect";
import { MatchService, type MatchRequestSchema, type ReportRequestSchema } from "../gen/satoshigle/v1/matching_pb.js";
import type { IceServer } from "../gen/satoshigle/v1/signal_pb.js";
import {
  SignalService,
  type ReportProblemRequestSchema,
  type GoodbyeRequestSchema,
  type SendRequestSchema,
  type SignalRequestSchema,
  type SignalResponse,
} from "../gen/satoshigle/v1/signaling_pb.js";
import { isTransient } from "./error-mapping.js";

/** How long a stream that does not open waits to learn whether the server answers anything. */
const PROBE_TIMEOUT_MS = 2_500;
/** Less than the server's deadline of ten seconds, so that calls end here with a clear reason. */
const UNARY_TIMEOUT_MS = 8_000;

/** The RPCs, each with the token of the session. */
export interface Api {
  /** `onHead`: the headers of the response arrived. */
  signal(
    request: MessageInitShape<typeof SignalRequestSchema>,
    signal: AbortSignal,
    onHead?: () => void,
  ): AsyncIterable<SignalResponse>;
  /** Whether the server answers a call, which it refuses because it has no token. */
  probe(): Promise<boolean>;
  send(request: MessageInitShape<typeof SendRequestSchema>, signal?: AbortSignal): Promise<unknown>;
  getIceServers(): Promise<IceServer[]>;
  reportProblem(request: MessageInitShape<typeof ReportProblemRequestSchema>): Promise<unknown>;
  goodbye(request: MessageInitShape<typeof GoodbyeRequestSchema>): Promise<unknown>;
  match(request: MessageInitShape<typeof MatchRequestSchema>): Promise<unknown>;
  leave(timeoutMs?: number): Promise<unknown>;
  report(request: MessageInitShape<typeof ReportRequestSchema>): Promise<unknown>;
}

/** What calls are made with. */
export interface Wire {
  transport: Transport;
  /** Called for each request, because the session may change. */
  currentToken: () => string | undefined;
}

/** @param lastTransport completes its requests although the page is being closed */
export function createApi(wire: Wire, lastTransport = wire.transport): Api {
  const { transport } = wire;
  const { send, getIceServers, goodbye, reportProblem } = SignalService.method;
  const { match, leave, report } = MatchService.method;
  return {
    signal: (request, signal, onHead) => openStream(wire, request, signal, onHead),
    probe: () =>
      transport.unary(send, undefined, PROBE_TIMEOUT_MS, undefined, {}).then(
        () => true,
        (error: unknown) => !isTransient(error),
      ),
    send: (request, signal) => call(wire, send, request, { signal }),
    getIceServers: async () => (await call(wire, getIceServers, {})).iceServers,
    goodbye: (request) => call({ ...wire, transport: lastTransport }, goodbye, request),
    reportProblem: (request) => call(wire, reportProblem, request),
    match: (request) => call(wire, match, request),
    leave: (timeoutMs) => call(wire, leave, {}, { timeoutMs }),
    report: (request) => call(wire, report, request),
  };
}

interface CallOptions {
  signal?: AbortSignal | undefined;
  timeoutMs?: number | undefined;
  /** Of another session than the current one. */
  token?: string | undefined;
}

/** Calls a method. Not through the library's client, which costs the page more than this. */
export async function call<I extends DescMessage, O extends DescMessage>(
  { transport, currentToken }: Wire,
  method: DescMethodUnary<I, O>,
  request: MessageInitShape<I>,
  { signal, timeoutMs = UNARY_TIMEOUT_MS, token = currentToken() }: CallOptions = {},
): Promise<MessageShape<O>> {
  return (await transport.unary(method, signal, timeoutMs, headersOf(token), request)).message;
}

async function* openStream(
  { transport, currentToken }: Wire,
  request: MessageInitShape<typeof SignalRequestSchema>,
  signal: AbortSignal,
  onHead?: () => void,
): AsyncGenerator<SignalResponse> {
  const headers = headersOf(currentToken());
  const { message } = await transport.stream(SignalService.method.signal, signal, undefined, headers, only(request));
  onHead?.();
  yield* message;
}

/** A stream of requests with a single one, as the transport takes it. */
async function* only<T>(request: T): AsyncGenerator<T> {
  yield await Promise.resolve(request);
}

function headersOf(token: string | undefined): HeadersInit | undefined {
  return token === undefined ? undefined : { authorization: `Bearer ${token}` };
}
