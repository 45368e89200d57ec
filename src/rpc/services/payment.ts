import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import {
  type GetTotalsRequest,
  type ListTipsRequest,
  PaymentService,
  type TipRecordSchema,
  TipRecord_State,
  type TotalSchema,
} from "../../../gen/satoshigle/internal/v1/payment_pb.js";
import type { Payments } from "../../app/payments.js";
import { DomainError } from "../../core/errors.js";
import type { MatchId, SessionId, TipId } from "../../core/ids.js";
import type { TipState } from "../../core/tip.js";
import type { LedgerEntry, TipsOf, Total } from "../../ports/tip-ledger.js";
import type { InternalService } from "../internal-listener.js";
import { fromToken, toToken } from "../codec/page-token.js";

/** How many there are on a page when nothing is said. */
const PAGE_SIZE = 100;

/** `PaymentService`, for payment services. */
export function paymentService(payments: Payments): InternalService {
  return {
    desc: PaymentService,
    addTo: (router) =>
      router.service(PaymentService, {
        async getTip({ tipId }) {
          return { tip: renderRecord(await payments.get(tipId as TipId)) };
        },

        async listTips({ pageSize, pageToken, of }) {
          const before = fromToken("tips", pageToken, "page_token");
          const page = await payments.list(pageSize || PAGE_SIZE, before, parseOf(of));
          return { tips: page.items.map(renderRecord), nextPageToken: toToken("tips", page.before) };
        },

        async *watchTips({ cursor, state }, { signal }) {
          const after = fromToken("changes", cursor, "cursor") ?? 0;
          for await (const tip of payments.watch(after, parseState(state), signal)) {
            yield { cursor: toToken("changes", tip.number), tip: renderRecord(tip) };
          }
        },

        async getTotals({ of }) {
          return await totals(payments, of);
        },
      }),
  };
}

async function totals(payments: Payments, of: GetTotalsRequest["of"]) {
  switch (of.case) {
    case "sessionId": {
      const { value } = of;
      const [given, received] = [await payments.total(`given:${value}`), await payments.total(`received:${value}`)];
      return { given: renderTotal(given), received: renderTotal(received) };
    }
    case "matchId":
      return { given: renderTotal(await payments.total(`match:${of.value}`)) };
    case "day":
      return { given: renderTotal(await payments.total(`day:${of.value}`)) };
    case undefined:
      throw new DomainError("field_invalid", "of: exactly one field is required", { field: "of" });
  }
}

function parseOf(of: ListTipsRequest["of"]): TipsOf | undefined {
  if (of.case === "matchId") return { matchId: of.value as MatchId };
  return of.case === "sessionId" ? { sessionId: of.value as SessionId } : undefined;
}

function parseState(state: TipRecord_State): TipState | undefined {
  return (Object.keys(states) as TipState[]).find((name) => states[name] === state);
}

function renderRecord(tip: LedgerEntry): MessageInitShape<typeof TipRecordSchema> {
  const { id: tipId, matchId, payerId, payeeId, amountMsat, comment, state, createdMs, changedMs, invoice } = tip;
  return {
    ...{ tipId, matchId, comment },
    payerSessionId: payerId,
    payeeSessionId: payeeId,
    amountMsat: BigInt(amountMsat),
    state: states[state],
    ...(invoice && { invoice: invoice.text, paymentHash: invoice.paymentHash }),
    ...(tip.preimage !== undefined && { preimage: tip.preimage }),
    createTime: timestampFromMs(createdMs),
    updateTime: timestampFromMs(changedMs),
  };
}

function renderTotal({ count, amountMsat }: Total): MessageInitShape<typeof TotalSchema> {
  return { tipCount: BigInt(count), amountMsat: BigInt(amountMsat) };
}

const states = {
  offered: TipRecord_State.OFFERED,
  invoiced: TipRecord_State.INVOICED,
  settled: TipRecord_State.SETTLED,
  declined: TipRecord_State.DECLINED,
  cancelled: TipRecord_State.CANCELLED,
  expired: TipRecord_State.EXPIRED,
} as const satisfies Record<TipState, TipRecord_State>;
