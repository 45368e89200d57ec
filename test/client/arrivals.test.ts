import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { LightningAddressWallet, NwcWallet, WebLnWallet, type Wallet } from "../../src/client/wallets/index.js";
import type { NwcConnection } from "../../src/client/wallets/nwc.js";
import type { WebLnProvider } from "../../src/client/wallets/webln.js";
import { invoiceOf } from "../support/invoice.js";
import { loadEngine } from "../support/lightning/engine.js";
import { LnurlServer, send } from "../support/lightning/lnurl-server.js";
import { LightningNode } from "../support/lightning/node.js";

// How each wallet learns that money has arrived.

/** Follows a watch: "open", "received" or "stopped". */
function watch(wallet: Wallet, invoice = "lnbcrt1") {
  const abort = new AbortController();
  let outcome = "open";
  const watching = Promise.resolve(wallet.watchReceived?.(invoice, abort.signal)).then(
    () => (outcome = "received"),
    () => (outcome = "stopped"),
  );
  return { abort, watching, outcome: () => outcome };
}

describe("a lightning address", () => {
  let node: LightningNode;
  let service: LnurlServer;
  beforeAll(async () => {
    await loadEngine();
    node = new LightningNode();
    service = await LnurlServer.start(node);
  });
  afterEach(() => service.reform());
  afterAll(async () => {
    await service.close();
    node.close();
  });

  function verify(fields: object): void {
    service.answer("verify", (response) => send(response, { status: "OK", ...fields }));
  }

  async function watchInvoice() {
    const wallet = new LightningAddressWallet(service.address);
    const { invoice, preimage } = invoiceOf({ amountMsat: 21_000 });
    service.change("invoice", { pr: invoice, verify: `${service.origin}/verify/1` });
    await wallet.makeInvoice({ amountMsat: 21_000, memo: "" });
    /** Waits until the service was asked so many times. */
    const asked = (times: number) =>
      vi.waitUntil(() => service.asked.filter(({ question }) => question === "verify").length >= times, {
        timeout: 60_000,
        interval: 5,
      });
    return { ...watch(wallet, invoice), invoice, preimage, asked };
  }

  it("is asked until its service says that the invoice is paid", async () => {
    verify({ settled: false, preimage: null });
    const { invoice, preimage, watching, asked } = await watchInvoice();
    await asked(2);
    verify({ settled: true, preimage, pr: invoice.toUpperCase() });
    expect(await watching).toBe("received");
  });

  it.each<[string, object]>([
    ["another invoice", { settled: true, pr: "lnbcrt1" }],
    ["a wrong preimage", { settled: true, preimage: "ab".repeat(32) }],
    ["a preimage that is none", { settled: true, preimage: 7 }],
    ["a word in place of a truth", { settled: "true" }],
    ["an error", { status: "ERROR", reason: "no", settled: true }],
  ])("is not believed with %s", async (_, fields) => {
    verify(fields);
    const { abort, watching, asked, outcome } = await watchInvoice();
    await asked(2);
    expect(outcome()).toBe("open");
    abort.abort();
    expect(await watching).toBe("stopped");
  });

  it("does not know if its service does not tell", async () => {
    service.change("invoice", { verify: undefined });
    const wallet = new LightningAddressWallet(service.address);
    const invoice = await wallet.makeInvoice({ amountMsat: 21_000, memo: "" });
    await expect(wallet.watchReceived(invoice, new AbortController().signal)).rejects.toThrow("does not tell");
  });
});

describe("a wallet over Nostr Wallet Connect", () => {
  function connect(connection: Partial<NwcConnection>): NwcWallet {
    return new NwcWallet(() => Promise.resolve(connection as NwcConnection));
  }

  it("is asked if it reports nothing, until it has the money", async () => {
    vi.useFakeTimers();
    let [times, state] = [0, "pending"];
    const wallet = connect({
      lookupInvoice: () => (times++ === 1 ? Promise.reject(new Error("away")) : Promise.resolve({ state })),
    });
    const { watching, outcome } = watch(wallet);
    await vi.advanceTimersByTimeAsync(60_000);
    expect([outcome(), times > 4]).toEqual(["open", true]);
    state = "settled";
    await vi.advanceTimersByTimeAsync(20_000);
    expect(await watching).toBe("received");
    vi.useRealTimers();
  });

  it("is listened to once for all invoices, as long as there are any", async () => {
    const [begun, ended] = [vi.fn(), vi.fn()];
    let tell: (invoice: string) => void = () => undefined;
    const wallet = connect({
      lookupInvoice: () => new Promise(() => undefined),
      getWalletServiceInfo: () => Promise.resolve({ notifications: ["payment_received"] }),
      subscribeNotifications: (told) => {
        begun();
        tell = (invoice) => told({ notification_type: "payment_received", notification: { invoice } });
        return Promise.resolve(ended);
      },
    });
    const [first, second] = [watch(wallet, "lnbcrt1"), watch(wallet, "lnbcrt2")];
    await vi.waitUntil(() => begun.mock.calls.length > 0);
    tell("lnbcrt3");
    tell("LNBCRT1");
    expect([await first.watching, second.outcome(), ended.mock.calls]).toEqual(["received", "open", []]);
    tell("lnbcrt2");
    expect(await second.watching).toBe("received");
    await vi.waitUntil(() => ended.mock.calls.length > 0);
    expect(begun).toHaveBeenCalledTimes(1);
  });
});

describe("a browser wallet", () => {
  const provider: WebLnProvider = {
    enable: () => Promise.resolve(),
    makeInvoice: () => Promise.resolve({ paymentRequest: "" }),
    sendPayment: () => Promise.resolve({ preimage: "" }),
  };

  it("is asked if it looks up invoices", async () => {
    const lookupInvoice = () => Promise.resolve({ paid: true });
    expect(await watch(new WebLnWallet({ ...provider, lookupInvoice })).watching).toBe("received");
    expect(await watch(new WebLnWallet(provider)).watching).toBe("stopped");
  });
});
