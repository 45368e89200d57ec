import "../support/lightning/web-socket.js";
import { NWCClient } from "@getalby/sdk/nwc";
import { createHash } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from "vitest";
import { NwcWallet } from "../../src/client/wallets/index.js";
import { NostrRelay } from "../support/lightning/nostr-relay.js";
import { type LightningPair, startPair } from "../support/lightning/pair.js";
import { connectWallet, type ConnectedWallet } from "../support/lightning/wallet-service.js";

// Nostr Wallet Connect as used by pages: a third-party client, a relay, and Lightning nodes.

let pair: LightningPair;
let relay: NostrRelay;
let wallets: ConnectedWallet[];
let [ann, bob]: NWCClient[] = [];

beforeAll(async () => {
  [pair, relay] = await Promise.all([startPair(), NostrRelay.start()]);
});
afterAll(async () => {
  pair.close();
  await relay.close();
});
beforeEach(async () => {
  vi.spyOn(console, "info").mockReturnValue(); // the service logs its connections,
  vi.spyOn(console, "error").mockReturnValue(); // and the client its errors
  wallets = [await connectWallet(relay, pair.ann), await connectWallet(relay, pair.bob)];
  [ann, bob] = wallets.map(({ url }) => new NWCClient({ nostrWalletConnectUrl: url }));
});
afterEach(() => {
  pair.bob.release();
  for (const one of [ann, bob, ...wallets]) one?.close();
});

/** The two clients. */
function clients(): [NWCClient, NWCClient] {
  if (ann === undefined || bob === undefined) throw new Error("a client is not connected");
  return [ann, bob];
}

it("reports its identity and its methods", async () => {
  const [client] = clients();
  expect(await client.getInfo()).toMatchObject({ network: "regtest", pubkey: pair.ann.id });
  const { capabilities } = await client.getWalletServiceInfo();
  expect(capabilities.slice(0, 4)).toEqual(["get_info", "make_invoice", "pay_invoice", "lookup_invoice"]);
});

it("creates an invoice, pays it from another wallet, and finds it paid on both sides", async () => {
  const [payer, payee] = clients();
  const made = await payee.makeInvoice({ amount: 21_001, description: "a tip", expiry: 600 });
  expect(made).toMatchObject({ type: "incoming", state: "pending", amount: 21_001, preimage: "" });
  expect(made.expires_at - made.created_at).toBe(600);
  const { preimage } = await payer.payInvoice({ invoice: made.invoice });
  expect(createHash("sha256").update(preimage, "hex").digest("hex")).toBe(made.payment_hash);
  const paid = { payment_hash: made.payment_hash, state: "settled", amount: 21_001, preimage };
  expect(await payer.lookupInvoice({ payment_hash: made.payment_hash })).toMatchObject({ ...paid, type: "outgoing" });
  await vi.waitUntil(() => pair.bob.find(made.payment_hash)?.state === "settled", { timeout: 60_000, interval: 5 });
  expect(await payee.lookupInvoice({ invoice: made.invoice })).toMatchObject({ ...paid, type: "incoming" });
});

it("reports money that arrives to those who watch, also without being asked", async () => {
  const url = wallets[1]?.url ?? "";
  const [payer] = clients();
  const wallet = new NwcWallet(() => {
    const connection = new NWCClient({ nostrWalletConnectUrl: url });
    connection.lookupInvoice = () => Promise.reject(new Error("this wallet does not look up"));
    return Promise.resolve(connection);
  });
  const [first, second] = [
    await wallet.makeInvoice({ amountMsat: 3_000, memo: "" }),
    await wallet.makeInvoice({ amountMsat: 4_000, memo: "" }),
  ];
  const abort = new AbortController();
  const unpaid = wallet.watchReceived(second, abort.signal).then(
    () => "received",
    () => "stopped",
  );
  const paid = wallet.watchReceived(first, abort.signal);
  await relay.listenedFor(23_197);
  await payer.payInvoice({ invoice: first });
  await paid;
  abort.abort();
  expect(await unpaid).toBe("stopped");
  await wallet.close();
});

it("reports a payment under way as pending, and an unknown one as not found", async () => {
  const [payer, payee] = clients();
  pair.bob.hold();
  const { invoice, payment_hash: hash } = await payee.makeInvoice({ amount: 5_000 });
  const paying = payer.payInvoice({ invoice });
  await vi.waitUntil(() => pair.bob.find(hash)?.state === "held", { timeout: 60_000, interval: 5 });
  expect(await payer.lookupInvoice({ payment_hash: hash })).toMatchObject({ state: "pending", preimage: "" });
  pair.bob.release();
  expect(await paying).toHaveProperty("preimage");
  await expect(payer.lookupInvoice({ payment_hash: "00".repeat(32) })).rejects.toMatchObject({ code: "NOT_FOUND" });
});

it("distinguishes a definite failure from an unknown outcome", async () => {
  const [payer, payee] = clients();
  pair.bob.hold();
  const { invoice, payment_hash: hash } = await payee.makeInvoice({ amount: 5_000 });
  const paying = expect(payer.payInvoice({ invoice })).rejects.toMatchObject({ code: "PAYMENT_FAILED" });
  await vi.waitUntil(() => pair.bob.find(hash)?.state === "held", { timeout: 60_000, interval: 5 });
  await expect(payer.payInvoice({ invoice })).rejects.toMatchObject({ code: "OTHER" });
  pair.bob.refuse();
  await paying;
});
