import type { Config } from "./config.js";
import type { LightningNode } from "./ports/lightning-node.js";

/** The operator's node, if one is configured. It need not answer: it is connected by the first call. */
export async function openLightningNode({
  LND_URL: url,
  LND_TLS_CERT_FILE: certificate,
  LND_MACAROON_FILE: macaroon,
}: Config): Promise<LightningNode | undefined> {
  if (url === "") return undefined;
  const { LndNode } = await import("./adapters/lnd/node.js"); // few servers have a node
  return new LndNode({ url, certificate, macaroon });
}
