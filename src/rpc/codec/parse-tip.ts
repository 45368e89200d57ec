import type {
  CancelTipRequest,
  ConfirmReceiptRequest,
  ConfirmTipRequest,
  OfferTipRequest,
  SendInvoiceRequest,
} from "../../../gen/satoshigle/v1/tipping_pb.js";
import type { ConfirmCommand, InvoiceCommand, OfferCommand } from "../../app/tipping.js";
import type { MatchId, TipId } from "../../core/ids.js";

export function parseOfferTip({ tipId, matchId, amountMsat, comment }: OfferTipRequest): OfferCommand {
  return { tipId: tipId as TipId, matchId: matchId as MatchId, amountMsat: Number(amountMsat), comment };
}

export function parseSendInvoice({ tipId, invoice }: SendInvoiceRequest): InvoiceCommand {
  return { tipId: tipId as TipId, invoice };
}

export function parseConfirmTip({ tipId, preimage }: ConfirmTipRequest): ConfirmCommand {
  return { tipId: tipId as TipId, preimage };
}

export function parseConfirmReceipt({ tipId }: ConfirmReceiptRequest): TipId {
  return tipId as TipId;
}

export function parseCancelTip({ tipId }: CancelTipRequest): TipId {
  return tipId as TipId;
}
