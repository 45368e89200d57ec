import type { MessageInitShape } from "@bufbuild/protobuf";
import { call, type Wire } from "../connection/api.js";
import {
  TipService,
  type CancelTipRequestSchema,
  type ConfirmReceiptRequestSchema,
  type ConfirmTipRequestSchema,
  type OfferTipRequestSchema,
  type SendInvoiceRequestSchema,
} from "../gen/satoshigle/v1/tipping_pb.js";

/** The RPCs for tips, each with the token of the session. */
export interface TipApi {
  offerTip(request: MessageInitShape<typeof OfferTipRequestSchema>): Promise<unknown>;
  sendInvoice(request: MessageInitShape<typeof SendInvoiceRequestSchema>): Promise<unknown>;
  /** `token`: of the session that offered the tip, which may be over. */
  confirmTip(request: MessageInitShape<typeof ConfirmTipRequestSchema>, token?: string): Promise<unknown>;
  confirmReceipt(request: MessageInitShape<typeof ConfirmReceiptRequestSchema>): Promise<unknown>;
  cancelTip(request: MessageInitShape<typeof CancelTipRequestSchema>): Promise<unknown>;
}

export function createTipApi(wire: Wire): TipApi {
  const { offerTip, sendInvoice, confirmTip, confirmReceipt, cancelTip } = TipService.method;
  return {
    offerTip: (request) => call(wire, offerTip, request),
    sendInvoice: (request) => call(wire, sendInvoice, request),
    confirmTip: (request, token) => call(wire, confirmTip, request, { token }),
    confirmReceipt: (request) => call(wire, confirmReceipt, request),
    cancelTip: (request) => call(wire, cancelTip, request),
  };
}
