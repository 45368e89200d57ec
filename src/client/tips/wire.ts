import { timestampMs, type Timestamp } from "@bufbuild/protobuf/wkt";
import type { Welcome } from "../../../gen/satoshigle/v1/event_pb.js";
import { LightningNetwork, Tip_Part, Tip_State, type Tip as WireTip } from "../../../gen/satoshigle/v1/tip_pb.js";
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

/** `aheadMs`: how far the server's clock is ahead of ours. Undefined: a state this client does not know. */
export function toTip(wire: WireTip, aheadMs: number): Tip | undefined {
  const state = states[wire.state];
  if (state === undefined) return undefined;
  const atMs = (time: Timestamp | undefined) => time && timestampMs(time) - aheadMs;
  return {
    id: wire.tipId,
    matchId: wire.matchId,
    part: wire.part === Tip_Part.PAYER ? "payer" : "payee",
    amountMsat: Number(wire.amountMsat),
    comment: wire.comment,
    state,
    invoice: wire.invoice === "" ? undefined : wire.invoice,
    createdAtMs: atMs(wire.createTime) ?? Date.now(),
    expiresAtMs: atMs(wire.expireTime),
    invoiceExpiresAtMs: atMs(wire.invoiceExpireTime),
    problem: undefined,
  };
}

const networks: Partial<Record<LightningNetwork, TipTerms["network"]>> = {
  [LightningNetwork.BITCOIN]: "bitcoin",
  [LightningNetwork.TESTNET]: "testnet",
  [LightningNetwork.SIGNET]: "signet",
  [LightningNetwork.REGTEST]: "regtest",
};

/** Null: tips are off, or on a network that this client does not know. */
export function toTipTerms({ lightningNetwork, limits }: Welcome): TipTerms | null {
  const network = networks[lightningNetwork];
  if (network === undefined || !limits) return null;
  const { minTipMsat, maxTipMsat, maxTipCommentCharacters } = limits;
  return {
    network,
    minMsat: Number(minTipMsat),
    maxMsat: Number(maxTipMsat),
    maxCommentCharacters: maxTipCommentCharacters,
  };
}
