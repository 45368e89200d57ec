import { randomBytes } from "node:crypto";
import { rm } from "node:fs/promises";
import { createServer } from "node:http";
import { json } from "node:stream/consumers";
import { makeCertificate } from "../certificate.js";
import { freePort } from "../ports.js";
import { type LdkHarness, ldkHarness } from "./ldk-harness.js";
import type { LndTestBed } from "./lnd-harness.js";
import { LndServer } from "./lnd-server.js";

export interface LndStandIn {
  bed: LndTestBed;
  /** The server that the adapter calls. */
  server: LndServer;
  /** What is behind the servers. */
  ldk: LdkHarness;
  peerId: string;
  /** A folder of its own, with the certificate of the server. */
  folder: string;
  certFile: string;
  close(): Promise<void>;
}

/** Servers of LND's protos before nodes of the Lightning Development Kit, and a bitcoind that can only mine. */
export async function startLndStandIn(): Promise<LndStandIn> {
  const ldk = await ldkHarness();
  const { node, peer } = ldk;
  const certificate = await makeCertificate();
  const tls = { cert: certificate.ca, key: certificate.key };
  const macaroons = [macaroon(), macaroon()] as const;
  const server = new LndServer({ node, pay: (invoice) => peer.pay(invoice) }, tls, macaroons[0]);
  // The peer's API is asked for its ID and to pay.
  const peerNode = Object.assign(Object.create(node) as typeof node, {
    info: async () => ({ ...(await node.info()), nodeId: peer.nodeId }),
  });
  const peerServer = new LndServer({ node: peerNode, pay: (invoice) => peer.pay(invoice) }, tls, macaroons[1]);
  await Promise.all([server.start(), peerServer.start()]);
  const miner = await startMiner(
    (blocks) => ldk.mine(blocks),
    async () => (await node.info()).blockHeight,
  );
  const access = { certificate: certificate.ca };
  const bed = {
    node: { ...access, url: server.url, macaroon: macaroons[0] },
    peer: { ...access, url: peerServer.url, macaroon: macaroons[1], address: peer.address },
    bitcoindUrl: miner.url,
  };
  const closeAll = async () => {
    await Promise.all([server.stop(), peerServer.stop(), ldk.close()]);
    miner.close();
    await rm(certificate.folder, { recursive: true });
  };
  const { folder, certFile } = certificate;
  return { bed, server, ldk, peerId: peer.nodeId, folder, certFile, close: closeAll };
}

/** Bytes that begin as a macaroon of LND does. */
function macaroon(): string {
  return Buffer.concat([Buffer.from([2, 1, 3]), Buffer.from("lnd"), randomBytes(64)]).toString("hex");
}

async function startMiner(mine: (blocks: number) => Promise<void>, height: () => Promise<number>) {
  const port = await freePort();
  const server = createServer((request, response) => {
    void (async () => {
      const { method, params } = (await json(request)) as { method: string; params: [number?] };
      if (method === "generatetoaddress") await mine(params[0] ?? 0);
      const result = method === "getblockcount" ? await height() : null;
      response.end(JSON.stringify({ result, error: null }));
    })();
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://user:password@127.0.0.1:${String(port)}`, close };
}
