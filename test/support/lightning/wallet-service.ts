import "./web-socket.js";
import { NWCWalletService, NWCWalletServiceKeyPair } from "@getalby/sdk/nwc";
import { createECDH, randomBytes } from "node:crypto";
import { type LightningNode, type Payment, PaymentFailed } from "./node.js";
import type { NostrRelay } from "./nostr-relay.js";

/** A wallet that is reachable over Nostr Wallet Connect. */
export interface ConnectedWallet {
  /** The connection string for a page: `nostr+walletconnect://…`. It allows payments. */
  url: string;
  publicKey: string;
  close(): void;
}

type Handler = Parameters<NWCWalletService["subscribe"]>[1];
type Answered<K extends keyof Handler> = Awaited<ReturnType<NonNullable<Handler[K]>>>;
type Transaction = NonNullable<Answered<"makeInvoice">["result"]>;

const METHODS = ["get_info", "make_invoice", "pay_invoice", "lookup_invoice"] as const;

/**
 * Connects a node to a relay, as the wallet of one page.
 * @param appKey the public key of a page that has the secret; without it, the secret is in `url`
 */
export async function connectWallet(relay: NostrRelay, node: LightningNode, appKey?: string): Promise<ConnectedWallet> {
  const [walletSecret, secret] = [randomBytes(32), randomBytes(32).toString("hex")];
  const keys = new NWCWalletServiceKeyPair(walletSecret.toString("hex"), appKey ?? publicKeyOf(secret));
  const service = new NWCWalletService({ relayUrl: relay.url });
  await service.publishWalletServiceInfoEvent(keys.walletSecret, [...METHODS], ["payment_received"]);
  node.onReceived = (payment) => void tell(service, keys, payment);
  const unsubscribe = await service.subscribe(keys, handlerOf(node));
  await relay.listened(keys.walletPubkey);
  const query = new URLSearchParams({ relay: relay.url, secret });
  const close = () => {
    node.onReceived = () => undefined;
    unsubscribe();
    setImmediate(() => service.close()); // when it no longer treats the end of the connection as an error
  };
  return { url: `nostr+walletconnect://${keys.walletPubkey}?${query.toString()}`, publicKey: keys.walletPubkey, close };
}

/** The kind of a notification of NIP-47 in the newer encryption. */
const NOTIFICATION = 23_197;

/** Reports an incoming payment, which the library's service cannot do itself. */
async function tell(service: NWCWalletService, keys: NWCWalletServiceKeyPair, payment: Readonly<Payment>) {
  const told = { notification_type: "payment_received", notification: transactionOf(payment) };
  const content = (await service.encrypt(keys, JSON.stringify(told), "nip44_v2")) as string;
  const event = {
    kind: NOTIFICATION,
    created_at: Math.floor(Date.now() / 1000),
    tags: [["p", keys.clientPubkey]],
    content,
  };
  await service.relay.publish(await service.signEvent(event, keys.walletSecret));
}

function handlerOf(node: LightningNode): Handler {
  return {
    getInfo: () => Promise.resolve({ result: infoOf(node), error: undefined }),
    makeInvoice: ({ amount, description, expiry }) => {
      const made = node.makeInvoice(amount, description, expiry);
      return Promise.resolve(found(node.payments().find(({ invoice }) => invoice === made)));
    },
    payInvoice: async ({ invoice }) => {
      try {
        return { result: { preimage: await node.pay(invoice), fees_paid: 0 }, error: undefined };
      } catch (error) {
        const code = error instanceof PaymentFailed ? "PAYMENT_FAILED" : "OTHER";
        return { result: undefined, error: { code, message: error instanceof Error ? error.message : "" } };
      }
    },
    lookupInvoice: ({ payment_hash: hash, invoice }) => {
      const payments = node.payments();
      return Promise.resolve(found(payments.find((one) => one.paymentHash === hash || one.invoice === invoice)));
    },
  };
}

function infoOf(node: LightningNode): NonNullable<Answered<"getInfo">["result"]> {
  const block = { block_height: 0, block_hash: "" };
  return {
    alias: "a node of the tests",
    color: "#ff9900",
    pubkey: node.id,
    network: "regtest",
    ...block,
    methods: [...METHODS],
  };
}

function found(payment: Readonly<Payment> | undefined): Answered<"lookupInvoice"> {
  if (payment !== undefined) return { result: transactionOf(payment), error: undefined };
  return { result: undefined, error: { code: "NOT_FOUND", message: "there is no such payment" } };
}

function transactionOf(payment: Readonly<Payment>): Transaction {
  const { direction, paymentHash, amountMsat, invoice, memo, createdMs, expiresMs, settledMs = 0 } = payment;
  const seconds = (ms: number) => Math.floor(ms / 1000);
  const states = {
    unpaid: "pending",
    pending: "pending",
    held: "pending",
    settled: "settled",
    failed: "failed",
  } as const;
  return {
    ...{ type: direction, state: states[payment.state], invoice, description: memo, description_hash: "" },
    ...{ preimage: settledMs > 0 ? (payment.preimage ?? "") : "", payment_hash: paymentHash, amount: amountMsat },
    ...{ fees_paid: 0, created_at: seconds(createdMs), expires_at: seconds(expiresMs), settled_at: seconds(settledMs) },
  };
}

/** A public key in Nostr's format: the x coordinate only. */
function publicKeyOf(secret: string): string {
  const ecdh = createECDH("secp256k1");
  ecdh.setPrivateKey(secret, "hex");
  return ecdh.getPublicKey("hex", "compressed").slice(2);
}
