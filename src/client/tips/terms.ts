import type { Welcome } from "../gen/satoshigle/v1/event_pb.js";
import { LightningNetwork } from "../gen/satoshigle/v1/tip_pb.js";
import type { TipTerms } from "./types.js";

const NETWORKS: Partial<Record<LightningNetwork, TipTerms["network"]>> = {
  [LightningNetwork.BITCOIN]: "bitcoin",
  [LightningNetwork.TESTNET]: "testnet",
  [LightningNetwork.SIGNET]: "signet",
  [LightningNetwork.REGTEST]: "regtest",
};

/** Returns null if tips are disabled, the network is unknown to this client, or the limits are not valid. */
export function toTipTerms({ lightningNetwork, limits }: Welcome): TipTerms | null {
  const network = NETWORKS[lightningNetwork];
  if (network === undefined || !limits) return null;
  const [minMsat, maxMsat] = [Number(limits.minTipMsat), Number(limits.maxTipMsat)];
  if (minMsat <= 0 || maxMsat < minMsat || !Number.isSafeInteger(maxMsat)) return null;
  return { network, minMsat, maxMsat, maxCommentCharacters: limits.maxTipCommentCharacters };
}
