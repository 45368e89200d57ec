import { DepositReviewService } from "../../../gen/satoshigle/internal/v1/deposit_pb.js";
import type { Deposits } from "../../app/deposits.js";
import { depositsOff } from "../../core/deposit.js";
import type { DepositId } from "../../core/ids.js";
import type { Operators } from "../../ports/operators.js";
import { toToken } from "../codec/page-token.js";
import { parsePage } from "../codec/parse-internal.js";
import { renderDepositRecord } from "../codec/render-deposit.js";
import type { InternalService } from "../service.js";
import { actorOf } from "./actor.js";

/** `DepositReviewService`, for moderators. @param deposits undefined on a server without deposits */
export function depositReviewService(deposits: Deposits | undefined, operators: Operators): InternalService {
  const use = () => {
    if (deposits === undefined) throw depositsOff();
    return deposits;
  };
  return {
    desc: DepositReviewService,
    addTo: (router) =>
      router.service(DepositReviewService, {
        async listDeposits(request) {
          const { size, before } = parsePage("deposits", request);
          const page = await use().list(size, before);
          return {
            deposits: page.items.map(renderDepositRecord),
            nextPageToken: toToken("deposits", page.before),
          };
        },

        async forfeitDeposit({ depositId }, context) {
          const deposit = await use().forfeit(depositId as DepositId, actorOf(operators, context));
          return { deposit: renderDepositRecord(deposit) };
        },

        async releaseDeposit({ depositId }, context) {
          const deposit = await use().release(depositId as DepositId, actorOf(operators, context));
          return { deposit: renderDepositRecord(deposit) };
        },
      }),
  };
}
