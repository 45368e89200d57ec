import type { MessageInitShape } from "@bufbuild/protobuf";
import { createClient, type CallOptions, type Transport } from "@connectrpc/connect";
import { MatchService, type MatchRequestSchema, type ReportRequestSchema } from "../gen/satoshigle/v1/matching_pb.js";
import type { IceServer } from "../gen/satoshigle/v1/signal_pb.js";
import {
  SignalService,
  type GoodbyeRequestSchema,
  type SendRequestSchema,
  type SignalRequestSchema,
  type SignalResponse,
} from "../gen/satoshigle/v1/signaling_pb.js";
import {
  TipService,
  type CancelTipRequestSchema,
  type ConfirmTipRequestSchema,
  type OfferTipRequestSchema,
  type SendInvoiceRequestSchema,
} from "../gen/satoshigle/v1/tipping_pb.js";

/** Less than the server's deadline of ten seconds, so that calls end here with a clear reason. */
const UNARY_TIMEOUT_MS = 8_000;

/** The RPCs, each with the token of the session. */
export interface Api {
  signal(request: MessageInitShape<typeof SignalRequestSchema>, signal: AbortSignal): AsyncIterable<SignalResponse>;
  send(request: MessageInitShape<typeof SendRequestSchema>, signal?: AbortSignal): Promise<unknown>;
  getIceServers(): Promise<IceServer[]>;
  goodbye(request: MessageInitShape<typeof GoodbyeRequestSchema>): Promise<unknown>;
  match(request: MessageInitShape<typeof MatchRequestSchema>): Promise<unknown>;
  leave(timeoutMs?: number): Promise<unknown>;
  report(request: MessageInitShape<typeof ReportRequestSchema>): Promise<unknown>;
  offerTip(request: MessageInitShape<typeof OfferTipRequestSchema>): Promise<unknown>;
  sendInvoice(request: MessageInitShape<typeof SendInvoiceRequestSchema>): Promise<unknown>;
  /** `token`: of the session that offered the tip, which may be over. */
  confirmTip(request: MessageInitShape<typeof ConfirmTipRequestSchema>, token?: string): Promise<unknown>;
  cancelTip(request: MessageInitShape<typeof CancelTipRequestSchema>): Promise<unknown>;
}

/**
 * @param currentToken called for each request, because the session may change
 * @param lastTransport completes its requests although the page is being closed
 */
export function createApi(
  transport: Transport,
  currentToken: () => string | undefined,
  lastTransport = transport,
): Api {
  const signaling = createClient(SignalService, transport);
  const matching = createClient(MatchService, transport);
  const tipping = createClient(TipService, transport);

  function options(more: CallOptions, token = currentToken()): CallOptions {
    return token === undefined ? more : { ...more, headers: { authorization: `Bearer ${token}` } };
  }

  return {
    signal: (request, signal) => signaling.signal(request, options({ signal })),
    send: (request, signal) =>
      signaling.send(request, options({ timeoutMs: UNARY_TIMEOUT_MS, ...(signal && { signal }) })),
    getIceServers: async () => (await signaling.getIceServers({}, options({ timeoutMs: UNARY_TIMEOUT_MS }))).iceServers,
    goodbye: (request) => createClient(SignalService, lastTransport).goodbye(request, options({})),
    match: (request) => matching.match(request, options({ timeoutMs: UNARY_TIMEOUT_MS })),
    leave: (timeoutMs = UNARY_TIMEOUT_MS) => matching.leave({}, options({ timeoutMs })),
    report: (request) => matching.report(request, options({ timeoutMs: UNARY_TIMEOUT_MS })),
    offerTip: (request) => tipping.offerTip(request, options({ timeoutMs: UNARY_TIMEOUT_MS })),
    sendInvoice: (request) => tipping.sendInvoice(request, options({ timeoutMs: UNARY_TIMEOUT_MS })),
    confirmTip: (request, token) => tipping.confirmTip(request, options({ timeoutMs: UNARY_TIMEOUT_MS }, token)),
    cancelTip: (request) => tipping.cancelTip(request, options({ timeoutMs: UNARY_TIMEOUT_MS })),
  };
}
