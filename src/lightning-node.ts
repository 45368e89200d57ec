import type { FastifyBaseLogger } from "fastify";
import type { Config } from "./config.js";
import type { LightningNode } from "./ports/lightning-node.js";

/** The operator's node, if one is configured. It need not answer: the start goes on without it. */
export async function openLightningNode(
  { LND_URL: url, LND_TLS_CERT_FILE: certificate, LND_MACAROON_FILE: macaroon }: Config,
  logger: FastifyBaseLogger,
): Promise<LightningNode | undefined> {
  if (url === "") return undefined;
  const { LndNode } = await import("./adapters/lnd/node.js"); // few servers have a node
  const node = new LndNode({ url, certificate, macaroon });
  void node.info().then(
    ({ version, alias, network }) => {
      logger.info({ version, alias, network }, "the operator's Lightning node answers");
    },
    (err: unknown) => {
      logger.warn({ err }, "the operator's Lightning node does not answer: check LND_*");
    },
  );
  return node;
}
