import { timestampMs, type Timestamp } from "@bufbuild/protobuf/wkt";
import { Tip_Role, Tip_State, type Tip as WireTip } from "../gen/satoshigle/v1/tip_pb.js";
import { readInvoice } from "./invoice.js";
import type { Tip, TipState } from "./types.js";

/** Partial, because a newer server may know states that this client does not. */
const STATES: Partial<Record<Tip_State, TipState>> = {
  [Tip_State.OFFERED]: "offered",
  [Tip_State.INVOICED]: "invoiced",
  [Tip_State.RECEIVED]: "received",
  [Tip_State.SETTLED]: "settled",
  [Tip_State.DECLINED]: "declined",
  [Tip_State.CANCELLED]: "cancelled",
  [Tip_State.EXPIRED]: "expired",
};

const ROLES: Partial<Record<Tip_Role, Tip["role"]>> = { [Tip_Role.PAYER]: "payer", [Tip_Role.PAYEE]: "payee" };

/**
 * Returns undefined if the state or role is unknown to this client, or the amount is not valid.
 * @param clockOffsetMs how far the server's clock is ahead of ours
 */
export function toTip(wire: WireTip, clockOffsetMs: number): Tip | undefined {
  const [state, role, amountMsat] = [STATES[wire.state], ROLES[wire.role], Number(wire.amountMsat)];
  if (state === undefined || role === undefined || !Number.isSafeInteger(amountMsat) || amountMsat <= 0)
    return undefined;
  const atMs = (time: Timestamp | undefined) => time && timestampMs(time) - clockOffsetMs;
  const invoice = state === "offered" || wire.invoice === "" ? undefined : wire.invoice;
  return {
    id: wire.tipId,
    matchId: wire.matchId,
    role,
    amountMsat,
    comment: wire.comment,
    state,
    invoice,
    createdAtMs: atMs(wire.createTime) ?? Date.now(),
    expiresAtMs: atMs(wire.expireTime),
    invoiceExpiresAtMs: earliest(atMs(wire.invoiceExpireTime), readInvoice(invoice ?? "")?.expiresMs, clockOffsetMs),
    receivedAtMs: atMs(wire.receiveTime),
    problem: undefined,
  };
}

/** Returns the earlier of the expiry that the server reports and the invoice's own, or undefined if there is neither. */
function earliest(
  reportedMs: number | undefined,
  ownMs: number | undefined,
  clockOffsetMs: number,
): number | undefined {
  const all = [reportedMs, ownMs === undefined ? undefined : ownMs - clockOffsetMs].filter((one) => one !== undefined);
  return all.length > 0 ? Math.min(...all) : undefined;
}
