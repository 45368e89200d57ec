import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { LightningNetwork, Tip_Role, Tip_State, type TipSchema } from "../../../gen/satoshigle/v1/tip_pb.js";
import type { LightningNetwork as Network } from "../../core/invoice.js";
import { isOpen, type TipView, type TipState } from "../../core/tip.js";

/** Renders a tip for one of its sides. */
export function renderTip(view: TipView): MessageInitShape<typeof TipSchema> {
  const { id: tipId, matchId, role, amountMsat, comment, state, createdMs, deadlineMs, invoice } = view;
  const { receivedMs, settledMs } = view;
  return {
    tipId,
    matchId,
    comment,
    role: roles[role],
    amountMsat: BigInt(amountMsat),
    state: states[state],
    createTime: timestampFromMs(createdMs),
    ...(isOpen(view) && { expireTime: timestampFromMs(deadlineMs) }),
    ...(invoice && { invoice: invoice.text, invoiceExpireTime: timestampFromMs(invoice.expiresMs) }),
    ...(receivedMs !== undefined && { receiveTime: timestampFromMs(receivedMs) }),
    ...(settledMs !== undefined && { settleTime: timestampFromMs(settledMs) }),
  };
}

/** @param network undefined when tips are off */
export function renderNetwork(network: Network | undefined): LightningNetwork {
  return network === undefined ? LightningNetwork.UNSPECIFIED : networks[network];
}

const roles = { payer: Tip_Role.PAYER, payee: Tip_Role.PAYEE } as const satisfies Record<TipView["role"], Tip_Role>;

const states = {
  offered: Tip_State.OFFERED,
  invoiced: Tip_State.INVOICED,
  received: Tip_State.RECEIVED,
  settled: Tip_State.SETTLED,
  declined: Tip_State.DECLINED,
  cancelled: Tip_State.CANCELLED,
  expired: Tip_State.EXPIRED,
} as const satisfies Record<TipState, Tip_State>;

const networks = {
  bitcoin: LightningNetwork.BITCOIN,
  testnet: LightningNetwork.TESTNET,
  signet: LightningNetwork.SIGNET,
  regtest: LightningNetwork.REGTEST,
} as const satisfies Record<Network, LightningNetwork>;
