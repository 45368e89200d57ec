import { connect, createServer, type Server, type Socket } from "node:net";
import { bech32 } from "@scure/base";
import { createClient, type Transport } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { Lightning, Payment_PaymentStatus as Status } from "../../../gen/lnrpc/lightning_pb.js";
import { Router } from "../../../gen/lnrpc/routerrpc/router_pb.js";
import { LndNode } from "../../../src/adapters/lnd/node.js";
import { FUNDS_SAT, type NodeHarness } from "../../contract/lightning-node/harness.js";
import { freePort } from "../ports.js";
import { until } from "./until.js";

export interface LndAccess {
  url: string;
  /** In PEM. */
  certificate: string;
  /** In hexadecimal. */
  macaroon: string;
}

/** Two LNDs on regtest, the second as a peer, and the bitcoind of both. */
export interface LndTestBed {
  node: LndAccess;
  peer: LndAccess & { address: string };
  /** Such as `http://user:password@127.0.0.1:18443`. */
  bitcoindUrl: string;
}

/** Nobody has the key of this address, so that mining changes no balance. */
const NOBODYS_ADDRESS = bech32.encode("bcrt", [0, ...bech32.toWords(new Uint8Array(20).fill(7))]);

/** Blocks until a reward can be spent. */
const MATURITY = 100;

/** The operator's node is LND, reached by a relay that can be cut. */
export async function lndHarness({ node: access, peer, bitcoindUrl }: LndTestBed): Promise<NodeHarness> {
  const relay = new Relay(new URL(access.url));
  await relay.start();
  const node = new LndNode({ ...access, url: `https://127.0.0.1:${String(relay.port)}` });
  const direct = createClient(Lightning, transportTo(access));
  const [payer, router] = [createClient(Lightning, transportTo(peer)), createClient(Router, transportTo(peer))];
  const mine = async (blocks: number, address: string = NOBODYS_ADDRESS) => {
    await bitcoind(bitcoindUrl, "generatetoaddress", [blocks, address]);
    const height = await bitcoind(bitcoindUrl, "getblockcount", []);
    await untilHeight([direct, payer], Number(height));
  };
  if ((await node.balances()).confirmedSat < FUNDS_SAT) {
    await mine(1, (await direct.newAddress({})).address);
    await mine(MATURITY);
  }
  return {
    node,
    peer: {
      nodeId: (await payer.getInfo({})).identityPubkey,
      address: peer.address,
      pay: (invoice) => pay(router, invoice),
    },
    abilities: {
      ...{ holdInvoices: true, setsFees: true, countsBlocksLeft: true },
      ...{ takesFeeRates: true, opensPublicChannels: true, closingFeeSat: 5_000 },
    },
    mine,
    stop: () => relay.stop(),
    start: () => relay.start(),
    close: async () => {
      await node.end();
      await relay.stop();
    },
  };
}

/** A client of its own for the test, which is not what is tested. */
function transportTo({ url, certificate, macaroon }: LndAccess): Transport {
  return createGrpcTransport({
    baseUrl: url,
    nodeOptions: { ca: certificate, checkServerIdentity: () => undefined },
    interceptors: [
      (next) => (request) => {
        request.header.set("macaroon", macaroon);
        return next(request);
      },
    ],
    idleConnectionTimeoutMs: 1_000,
  });
}

async function untilHeight(nodes: ReturnType<typeof createClient<typeof Lightning>>[], height: number): Promise<void> {
  for (const node of nodes) {
    let isThere = false;
    const look = async () => {
      const { blockHeight, syncedToChain } = await node.getInfo({});
      isThere = blockHeight >= height && syncedToChain;
    };
    await look();
    await until(
      () => {
        if (!isThere) void look();
        return isThere;
      },
      `block ${String(height)}`,
    );
  }
}

async function pay(router: ReturnType<typeof createClient<typeof Router>>, paymentRequest: string): Promise<string> {
  const terms = { paymentRequest, timeoutSeconds: 60, feeLimitSat: 1_000n };
  for await (const { status, paymentPreimage, failureReason } of router.sendPaymentV2(terms)) {
    if (status === Status.SUCCEEDED) return paymentPreimage;
    if (status === Status.FAILED) throw new Error(`the payment failed: ${String(failureReason)}`);
  }
  throw new Error("the payment has no outcome");
}

async function bitcoind(url: string, method: string, params: unknown[]): Promise<unknown> {
  const { origin, username, password } = new URL(url);
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
  const body = JSON.stringify({ jsonrpc: "1.0", id: 1, method, params });
  const response = await fetch(origin, { method: "POST", headers: { authorization }, body });
  const { result, error } = (await response.json()) as { result: unknown; error: { message: string } | null };
  if (error !== null) throw new Error(`bitcoind: ${error.message}`);
  return result;
}

/** Passes TCP connections on until it is stopped. */
class Relay {
  port = 0;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;

  constructor(readonly target: URL) {}

  async start(): Promise<void> {
    if (this.port === 0) this.port = await freePort();
    const server = createServer((socket) => {
      const onward = connect(Number(this.target.port), this.target.hostname);
      for (const [one, other] of [
        [socket, onward],
        [onward, socket],
      ] as const) {
        this.#sockets.add(one);
        one.on("error", () => other.destroy());
        one.on("close", () => {
          this.#sockets.delete(one);
          other.destroy();
        });
        one.pipe(other);
      }
    });
    await new Promise<void>((resolve) => server.listen(this.port, "127.0.0.1", resolve));
    this.#server = server;
  }

  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}
