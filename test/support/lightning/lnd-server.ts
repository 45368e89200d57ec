import { createSecureServer, type Http2SecureServer, type ServerHttp2Session } from "node:http2";
import type { AddressInfo } from "node:net";
import { Code, ConnectError, type ConnectRouter, type HandlerContext, type ServiceImpl } from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { Invoices } from "../../../gen/lnrpc/invoicesrpc/invoices_pb.js";
import {
  Invoice_InvoiceState as InvoiceState,
  Lightning,
  Payment_PaymentStatus,
} from "../../../gen/lnrpc/lightning_pb.js";
import { Router } from "../../../gen/lnrpc/routerrpc/router_pb.js";
import { WalletKit } from "../../../gen/lnrpc/walletrpc/walletkit_pb.js";
import { type HeldPayment, type LightningNode, NodeAway, NodeRefusal } from "../../../src/ports/lightning-node.js";
import { closedOf, openOf, pendingOf } from "./lnd-messages.js";

/** What stands behind the server. */
export interface LndBackend {
  node: LightningNode & { connect(peerId: string, address: string): Promise<void> };
  pay(invoice: string): Promise<string>;
}

const STATES: Record<HeldPayment["state"], InvoiceState> = {
  open: InvoiceState.OPEN,
  held: InvoiceState.ACCEPTED,
  settled: InvoiceState.SETTLED,
  cancelled: InvoiceState.CANCELED,
};

/** The rate that this server reports, in satoshis per virtual byte. */
const OWN_RATE = 2n;

/**
 * A gRPC server of LND's own protos before another node. It is no LND: it shows that the adapter speaks LND's API as it
 * is documented, and not yet that LND does what is documented.
 */
export class LndServer {
  /** Called before each method by its name; what it throws is the answer. */
  onCall: (method: string) => Promise<void> | void = () => undefined;
  readonly #sessions = new Set<ServerHttp2Session>();
  #server: Http2SecureServer | undefined;
  #port = 0;

  constructor(
    readonly backend: LndBackend,
    readonly tls: { cert: string; key: string },
    /** In hexadecimal. */
    readonly macaroon: string,
  ) {}

  /** Refuses all calls of a method, as LND does it. */
  refuse(method: string, words: string): void {
    this.onCall = (called) => {
      if (called === method) throw new NodeRefusal(words);
    };
  }

  get url(): string {
    return `https://127.0.0.1:${String(this.#port)}`;
  }

  async start(): Promise<void> {
    const server = createSecureServer(this.tls, connectNodeAdapter({ routes: (router) => this.#routes(router) }));
    server.on("session", (session) => {
      this.#sessions.add(session);
      session.on("close", () => this.#sessions.delete(session));
    });
    await new Promise<void>((resolve) => server.listen(this.#port, "127.0.0.1", resolve));
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  /** Cuts all connections. The next start listens on the same port. */
  async stop(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    const closed = new Promise((resolve) => server.close(resolve));
    for (const session of this.#sessions) session.destroy();
    await closed;
  }

  #routes(router: ConnectRouter): void {
    const guard = (method: string, context: HandlerContext) => this.#admit(method, context);
    router.service(Lightning, guarded(lightning(this.backend), guard));
    router.service(Invoices, guarded(invoices(this.backend), guard));
    router.service(WalletKit, guarded({ estimateFee: () => ({ satPerKw: OWN_RATE * 250n }) }, guard));
    router.service(Router, guarded(payments(this.backend), guard));
  }

  async #admit(method: string, { requestHeader }: HandlerContext): Promise<void> {
    const shown = requestHeader.get("macaroon");
    if (shown === null) throw new ConnectError("expected 1 macaroon, got 0", Code.Unknown);
    if (shown !== this.macaroon) {
      throw new ConnectError("verification failed: signature mismatch after caveat verification", Code.Unknown);
    }
    await this.onCall(method);
  }
}

type Guard = (method: string, context: HandlerContext) => Promise<void>;
type Handler = (request: never, context: HandlerContext) => unknown;

/** Lets callers in, and answers with LND's codes. */
function guarded<T extends object>(handlers: T, guard: Guard): T {
  const wrapped = Object.entries(handlers as Record<string, Handler>).map(([name, handle]) => {
    const isStream = handle.constructor.name === "AsyncGeneratorFunction";
    const unary: Handler = async (request, context) => {
      try {
        await guard(name, context);
        return await handle(request, context);
      } catch (error) {
        throw lndError(error);
      }
    };
    const stream: Handler = async function* (request, context) {
      try {
        await guard(name, context);
        yield* handle(request, context) as AsyncIterable<unknown>;
      } catch (error) {
        throw lndError(error);
      }
    };
    return [name, isStream ? stream : unary];
  });
  return Object.fromEntries(wrapped) as T;
}

/** LND answers most refusals with the code `Unknown`. */
function lndError(error: unknown): unknown {
  if (error instanceof NodeRefusal) return new ConnectError(error.message, Code.Unknown);
  return error instanceof NodeAway ? new ConnectError(error.message, Code.Unavailable) : error;
}

function lightning({ node }: LndBackend): Partial<ServiceImpl<typeof Lightning>> {
  return {
    getInfo: async () => {
      const { nodeId: identityPubkey, alias, blockHeight, isSynced: syncedToChain, network } = await node.info();
      const chains = [{ network: network === "bitcoin" ? "mainnet" : network }];
      return { identityPubkey, alias, blockHeight, syncedToChain, chains, version: "0.20.0-beta commit=v0.20.0-beta" };
    },
    walletBalance: async () => {
      const { confirmedSat, unconfirmedSat } = await node.balances();
      return { confirmedBalance: BigInt(confirmedSat), unconfirmedBalance: BigInt(unconfirmedSat) };
    },
    newAddress: () => ({ address: "bcrt1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqdku202" }),
    connectPeer: async ({ addr }) => {
      await node.connect(addr?.pubkey ?? "", addr?.host ?? "");
      return {};
    },
    ...listing(node),
    ...changing(node),
  };
}

function listing(node: LightningNode): Partial<ServiceImpl<typeof Lightning>> {
  return {
    listChannels: async () => ({ channels: openOf(await node.channels()) }),
    pendingChannels: async () => pendingOf(await node.channels(), (await node.info()).blockHeight),
    closedChannels: async () => ({ channels: closedOf(await node.channels()) }),
    feeReport: async () => {
      const channels = (await node.channels()).filter(({ state }) => state === "open" || state === "inactive");
      return {
        channelFees: channels.map(({ channelId: channelPoint, fees }) => {
          return { channelPoint, baseFeeMsat: BigInt(fees?.baseMsat ?? 0), feePerMil: BigInt(fees?.ratePpm ?? 0) };
        }),
      };
    },
    subscribeChannelEvents: async function* (_, { signal }) {
      const changes = node.changes(signal)[Symbol.asyncIterator]();
      await changes.next(); // LND says nothing at first
      while ((await changes.next()).done !== true) yield {};
    },
    getChanInfo: async ({ chanId }) => {
      const channel = openOf(await node.channels()).find((one) => one.chanId === chanId);
      if (channel === undefined) throw new NodeRefusal("edge not found");
      const policy = { timeLockDelta: 80 };
      return { channelId: chanId, node1Pub: channel.remotePubkey, node1Policy: {}, node2Policy: policy };
    },
  };
}

function changing(node: LightningNode): Partial<ServiceImpl<typeof Lightning>> {
  return {
    estimateFee: async ({ AddrToAmount }) => {
      const capacitySat = Number(Object.values(AddrToAmount)[0] ?? 0n);
      const any = { commandId: "", peerId: "", peerAddress: "", pushSat: 0, isPrivate: false };
      const { feeSat } = await node.estimateOpen({ ...any, capacitySat, feeRateSatPerVbyte: Number(OWN_RATE) });
      return { feeSat: BigInt(feeSat), satPerVbyte: OWN_RATE };
    },
    openChannelSync: async (request) => {
      const { channelId } = await node.open({
        commandId: request.memo,
        peerId: Buffer.from(request.nodePubkey).toString("hex"),
        peerAddress: "",
        capacitySat: Number(request.localFundingAmount),
        pushSat: Number(request.pushSat),
        isPrivate: request.private,
        feeRateSatPerVbyte: Number(request.satPerVbyte),
      });
      const [txid = "", index = ""] = channelId.split(":");
      const bytes = Buffer.from(txid, "hex").reverse();
      return { fundingTxid: { case: "fundingTxidBytes", value: bytes }, outputIndex: Number(index) };
    },
    closeChannel: async function* ({ channelPoint, force, satPerVbyte }) {
      const channelId = `${String(channelPoint?.fundingTxid.value)}:${String(channelPoint?.outputIndex)}`;
      await node.close({ channelId, isForced: force, feeRateSatPerVbyte: Number(satPerVbyte) });
      yield { update: { case: "closeInstant", value: {} } };
      await new Promise(() => undefined); // LND goes on until the closing is in a block
    },
    updateChannelPolicy: async ({ scope, baseFeeMsat, feeRatePpm, timeLockDelta }) => {
      if (scope.case !== "chanPoint") throw new NodeRefusal("one channel at a time");
      if (timeLockDelta < 18) {
        throw new NodeRefusal(`time lock delta of ${String(timeLockDelta)} is too small, minimum supported is 18`);
      }
      const { fundingTxid, outputIndex } = scope.value;
      const fees = { baseMsat: Number(baseFeeMsat), ratePpm: feeRatePpm };
      await node.setFees(`${String(fundingTxid.value)}:${String(outputIndex)}`, fees);
      return {};
    },
  };
}

function invoices({ node }: LndBackend): Partial<ServiceImpl<typeof Invoices>> {
  const issued = new Map<string, string>();
  const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
  return {
    addHoldInvoice: async ({ hash, memo, valueMsat, expiry, cltvExpiry }) => {
      const paymentHash = hex(hash);
      if (issued.has(paymentHash)) throw new NodeRefusal("invoice with payment hash already exists");
      const times = { expirySeconds: Number(expiry), minFinalCltvDelta: Number(cltvExpiry) };
      const { invoice } = await node.addHoldInvoice({ paymentHash, memo, amountMsat: Number(valueMsat), ...times });
      issued.set(paymentHash, invoice);
      return { paymentRequest: invoice };
    },
    lookupInvoiceV2: async ({ invoiceRef }) => {
      const paymentHash = invoiceRef.case === "paymentHash" ? hex(invoiceRef.value) : "";
      const found = await node.holdInvoice(paymentHash);
      if (found === undefined) throw new ConnectError("unable to locate invoice", Code.NotFound);
      const htlcs = found.expiryHeight === undefined ? [] : [{ expiryHeight: found.expiryHeight }];
      const paymentRequest = issued.get(paymentHash) ?? "";
      return { state: STATES[found.state], valueMsat: BigInt(found.amountMsat), htlcs, paymentRequest };
    },
    settleInvoice: async ({ preimage }) => {
      await node.settle(hex(preimage));
      return {};
    },
    cancelInvoice: async ({ paymentHash }) => {
      await node.cancel(hex(paymentHash));
      return {};
    },
  };
}

function payments(backend: LndBackend): Partial<ServiceImpl<typeof Router>> {
  return {
    sendPaymentV2: async function* ({ paymentRequest }) {
      const paymentPreimage = await backend.pay(paymentRequest).catch(() => undefined);
      if (paymentPreimage === undefined) yield { status: Payment_PaymentStatus.FAILED };
      else yield { status: Payment_PaymentStatus.SUCCEEDED, paymentPreimage };
    },
  };
}
