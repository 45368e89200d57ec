import type {
  CancelTipRequest,
  ConfirmTipRequest,
  OfferTipRequest,
  SendInvoiceRequest,
} from "../../../gen/satoshigle/v1/tipping_pb.js";
import type { Caller } from "../../app/caller.js";
import type { Tipping } from "../../app/tipping.js";
import type { MatchId, TipId } from "../../core/ids.js";

/** `TipService` as plain functions of caller and message. */
export function tippingService(tipping: Tipping) {
  return {
    async offerTip(caller: Caller, { tipId, matchId, amountMsat, comment }: OfferTipRequest): Promise<void> {
      const ids = { tipId: tipId as TipId, matchId: matchId as MatchId };
      await tipping.offer(caller, { ...ids, amountMsat: Number(amountMsat), comment });
    },

    async sendInvoice(caller: Caller, { tipId, invoice }: SendInvoiceRequest): Promise<void> {
      await tipping.sendInvoice(caller, { tipId: tipId as TipId, invoice });
    },

    async confirmTip(caller: Caller, { tipId, preimage }: ConfirmTipRequest): Promise<void> {
      await tipping.confirm(caller, { tipId: tipId as TipId, preimage });
    },

    async cancelTip(caller: Caller, { tipId }: CancelTipRequest): Promise<void> {
      await tipping.cancel(caller, tipId as TipId);
    },
  };
}
