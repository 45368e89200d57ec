import type { MessageInitShape } from "@bufbuild/protobuf";
import { bech32 } from "@scure/base";
import type { ChannelPoint, ChannelPointSchema } from "../../../gen/lnrpc/lightning_pb.js";
import type { NodeInfo } from "../../ports/lightning-node.js";

/** `txid:index`. LND gives the bytes of the hash in the other order than people write them. */
export function channelIdOf({ fundingTxid, outputIndex }: ChannelPoint): string {
  const txid =
    fundingTxid.case === "fundingTxidBytes"
      ? Buffer.from(fundingTxid.value).reverse().toString("hex")
      : (fundingTxid.value ?? "");
  return `${txid}:${String(outputIndex)}`;
}

export function channelPointOf(channelId: string): MessageInitShape<typeof ChannelPointSchema> {
  const [txid = "", index = ""] = channelId.split(":");
  return { fundingTxid: { case: "fundingTxidStr", value: txid }, outputIndex: Number(index) };
}

const PREFIXES: Record<NodeInfo["network"], string> = { bitcoin: "bc", testnet: "tb", signet: "tb", regtest: "bcrt" };

/** An address as long as that of a funding output (P2WSH), to estimate fees with; nothing is ever sent to it. */
export function anyScriptAddress(network: NodeInfo["network"]): string {
  return bech32.encode(PREFIXES[network], [0, ...bech32.toWords(new Uint8Array(32))]);
}
