import { timestampMs, type Timestamp } from "@bufbuild/protobuf/wkt";
import type { Welcome } from "../gen/satoshigle/v1/event_pb.js";
import { LightningNetwork, Tip_Role, Tip_State, type Tip as WireTip } from "../gen/satoshigle/v1/tip_pb.js";
import { readInvoice } from "./invoice.js";
import type { Tip, TipState, TipTerms } from "./types.js";

/** Partial, because a newer server may know states that this client does not. */
const states: Partial<Record<Tip_State, TipState>> = {
  [Tip_State.OFFERED]: "offered",
  [Tip_State.INVOICED]: "invoiced",
  [Tip_State.SETTLED]: "settled",
  [Tip_State.DECLINED]: "declined",
  [Tip_State.CANCELLED]: "cancelled",
  [Tip_State.EXPIRED]: "expired",
};

const roles: Partial<Record<Tip_Role, Tip["role"]>> = { [Tip_Role.PAYER]: "payer", [Tip_Role.PAYEE]: "payee" };

/**
 * `aheadMs`: how far the server's clock is ahead of ours. Undefined: a state or role this client does not know, or an
 * amount that is none.
 */
export function toTip(wire: WireTip, aheadMs: number): Tip | undefined {
  const [state, role, amountMsat] = [states[wire.state], roles[wire.role], Number(wire.amountMsat)];
  if (state === undefined || role === undefined || !Number.isSafeInteger(amountMsat) || amountMsat <= 0)
    return undefined;
  const atMs = (time: Timestamp | undefined) => time && timestampMs(time) - aheadMs;
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
    invoiceExpiresAtMs: earliest(atMs(wire.invoiceExpireTime), readInvoice(invoice ?? "")?.expiresMs, aheadMs),
    problem: undefined,
  };
}

/** The server's word for when an invoice ends, or the invoice's own if that is sooner. Undefined: nobody says so. */
function earliest(saidMs: number | undefined, ownMs: number | undefined, aheadMs: number): number | undefined {
  const all = [saidMs, ownMs === undefined ? undefined : ownMs - aheadMs].filter((one) => one !== undefined);
  return all.length > 0 ? Math.min(...all) : undefined;
}

const networks: Partial<Record<LightningNetwork, TipTerms["network"]>> = {
  [LightningNetwork.BITCOIN]: "bitcoin",
  [LightningNetwork.TESTNET]: "testnet",
  [LightningNetwork.SIGNET]: "signet",
  [LightningNetwork.REGTEST]: "regtest",
};

/** Null: tips are off, on a network that this client does not know, or within bounds that make no sense. */
export function toTipTerms({ lightningNetwork, limits }: Welcome): TipTerms | null {
  const network = networks[lightningNetwork];
  if (network === undefined || !limits) return null;
  const [minMsat, maxMsat] = [Number(limits.minTipMsat), Number(limits.maxTipMsat)];
  if (minMsat <= 0 || maxMsat < minMsat || !Number.isSafeInteger(maxMsat)) return null;
  return { network, minMsat, maxMsat, maxCommentCharacters: limits.maxTipCommentCharacters };
}
