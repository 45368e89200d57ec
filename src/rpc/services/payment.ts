import { type GetTotalsRequest, PaymentService } from "../../../gen/satoshigle/internal/v1/payment_pb.js";
import type { Payments } from "../../app/payments.js";
import type { TipId } from "../../core/ids.js";
import { type TotalName, unproved } from "../../core/tip.js";
import { toToken } from "../codec/page-token.js";
import { parsePage, parsePosition, parseTipsOf, parseTipState, parseTotals } from "../codec/parse-internal.js";
import { renderTipRecord, renderTotal } from "../codec/render-records.js";
import type { LedgerEntry } from "../../ports/tip-ledger.js";
import type { InternalService } from "../service.js";

/** `PaymentService`, for payment services. */
export function paymentService(payments: Payments): InternalService {
  const render = async (...tips: LedgerEntry[]) => {
    const subjects = await payments.subjectsOf(tips);
    return tips.map((tip) => renderTipRecord(tip, subjects));
  };
  return {
    desc: PaymentService,
    addTo: (router) =>
      router.service(PaymentService, {
        async getTip({ tipId }) {
          const [tip] = await render(await payments.get(tipId as TipId));
          return { tip };
        },

        async listTips(request) {
          const { size, before } = parsePage("tips", request);
          const page = await payments.list(size, before, parseTipsOf(request));
          return { tips: await render(...page.items), nextPageToken: toToken("tips", page.before) };
        },

        async *watchTips(request, { signal }) {
          const after = parsePosition("changes", request);
          for await (const stored of payments.watch(after, parseTipState(request.state), signal)) {
            const [tip] = await render(stored);
            yield { cursor: toToken("changes", stored.number), tip };
          }
        },

        async getTotals(request) {
          return await totals(payments, request);
        },
      }),
  };
}

async function totals(payments: Payments, request: GetTotalsRequest) {
  const { given, received } = parseTotals(request);
  const total = async (name: TotalName) => renderTotal(await payments.total(name));
  const ofGiven = { given: await total(given), unprovedGiven: await total(unproved(given)) };
  if (received === undefined) return ofGiven;
  return { ...ofGiven, received: await total(received), unprovedReceived: await total(unproved(received)) };
}
