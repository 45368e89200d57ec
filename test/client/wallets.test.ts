import * as nwc from "@getalby/sdk/nwc";
import { describe, expect, it } from "vitest";
import { NwcWallet, PaymentFailed, PaymentUnclear, WebLnWallet } from "../../src/client/wallets/index.js";
import { matchesPaymentHash, readInvoice } from "../../src/client/tips/invoice.js";
import type { NwcConnection } from "../../src/client/wallets/nwc.js";
import type { WebLnProvider } from "../../src/client/wallets/webln.js";
import { fromWords } from "../core/support/bech32.js";
import { expiryField, type Field, hashField, signedInvoice } from "../core/support/invoices.js";
import { invoiceOf } from "../support/invoice.js";

/** Returns the outcome of a payment: "failed" only if it is definite. */
function outcome(paid: Promise<unknown>): Promise<string> {
  return paid.then(
    () => "paid",
    (error: unknown) => (error instanceof PaymentFailed ? "failed" : "unknown"),
  );
}

function webLn(provider: Partial<WebLnProvider>): WebLnWallet {
  return new WebLnWallet({
    enable: () => Promise.resolve(),
    makeInvoice: ({ amount }) => Promise.resolve({ paymentRequest: `for ${String(amount)}` }),
    sendPayment: () => Promise.resolve({ preimage: "ab" }),
    ...provider,
  });
}

describe("a browser wallet", () => {
  it("creates invoices for whole satoshis and refuses others", async () => {
    const wallet = webLn({});
    expect(await wallet.makeInvoice({ amountMsat: 21_000, memo: "" })).toBe("for 21");
    await expect(wallet.makeInvoice({ amountMsat: 21_500, memo: "" })).rejects.toThrow("whole satoshis");
  });

  it("distinguishes a definite failure from a payment that may still complete", async () => {
    const failing = (message: string) => webLn({ sendPayment: () => Promise.reject(new Error(message)) }).pay("x");
    expect(await outcome(webLn({}).pay("x"))).toBe("paid");
    expect(await outcome(failing("User rejected"))).toBe("failed");
    expect(await outcome(failing("timeout"))).toBe("unknown");
    expect(await outcome(webLn({ enable: () => Promise.reject(new Error("no")) }).pay("x"))).toBe("failed");
  });

  it("looks payments up if supported, and never reports an unpaid one as failed", async () => {
    expect(await webLn({}).find("x")).toEqual({ state: "unknown" });
    const lookup = (paid: boolean) =>
      webLn({ lookupInvoice: () => Promise.resolve({ paid, preimage: "ab", paymentRequest: "x" }) });
    expect(await lookup(true).find("x")).toEqual({ state: "paid", preimage: "ab" });
    expect(await lookup(false).find("x")).toEqual({ state: "unknown" });
  });
});

describe("a wallet over Nostr Wallet Connect", () => {
  function connect(connection: Partial<NwcConnection>): NwcWallet {
    return new NwcWallet(() => Promise.resolve(connection as NwcConnection));
  }
  const found = (state: string) => () => Promise.resolve({ state, preimage: "ab" } as nwc.Nip47Transaction);
  const fail = (error: Error) => () => Promise.reject(error);

  it.each<[string, Error, string]>([
    ["the wallet never tried", new nwc.Nip47WalletError("empty", "INSUFFICIENT_BALANCE"), "failed"],
    ["no relay was reached", new nwc.Nip47NetworkError("down", "OTHER"), "failed"],
    ["the answer did not come", new nwc.Nip47ReplyTimeoutError("late", "INTERNAL"), "unknown"],
    ["the request may have left", new nwc.Nip47PublishTimeoutError("late", "INTERNAL"), "unknown"],
    ["the wallet does not say", new nwc.Nip47WalletError("oops", "INTERNAL"), "unknown"],
  ])("knows what came of a payment when %s", async (_, error, result) => {
    const lookupInvoice = fail(new nwc.Nip47WalletError("none", "NOT_FOUND"));
    expect(await outcome(connect({ payInvoice: fail(error), lookupInvoice }).pay("x"))).toBe(result);
  });

  it("looks the payment up when the wallet reports a failure", async () => {
    const payInvoice = fail(new nwc.Nip47WalletError("time is up", "PAYMENT_FAILED"));
    expect(await outcome(connect({ payInvoice, lookupInvoice: found("failed") }).pay("x"))).toBe("failed");
    expect(await outcome(connect({ payInvoice, lookupInvoice: found("pending") }).pay("x"))).toBe("unknown");
    expect(await outcome(connect({ payInvoice, lookupInvoice: found("settled") }).pay("x"))).toBe("paid");
  });

  it("does not take a payment for failed because the wallet does not know it", async () => {
    const payInvoice = fail(new nwc.Nip47WalletError("No route was found.", "PAYMENT_FAILED"));
    const lookupInvoice = fail(new nwc.Nip47WalletError("none", "NOT_FOUND"));
    const error: unknown = await connect({ payInvoice, lookupInvoice })
      .pay("x")
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(PaymentUnclear);
    expect(error).toMatchObject({ message: "No route was found." });
  });

  it("does not take a payment for failed because a repeated request was refused", async () => {
    const payInvoice = fail(new nwc.Nip47WalletError("The money is locked.", "INSUFFICIENT_BALANCE"));
    expect(await outcome(connect({ payInvoice, lookupInvoice: found("pending") }).pay("x"))).toBe("unknown");
    expect(await outcome(connect({ payInvoice, lookupInvoice: found("settled") }).pay("x"))).toBe("paid");
  });

  it("asks for an invoice with an expiry, and for one without if the wallet does not take it", async () => {
    const asked: unknown[] = [];
    const picky = connect({
      makeInvoice: (terms) => {
        asked.push(terms.expiry);
        if (terms.expiry !== undefined) return Promise.reject(new Error("Expiry is not supported here."));
        return Promise.resolve({ invoice: "made" });
      },
    });
    expect(await picky.makeInvoice({ amountMsat: 1_000, memo: "", expirySeconds: 600 })).toBe("made");
    expect(asked).toEqual([600, undefined]);
  });

  it("does not accept a response without a proof", async () => {
    const payInvoice = () => Promise.resolve({} as nwc.Nip47PayResponse);
    expect(await outcome(connect({ payInvoice }).pay("x"))).toBe("unknown");
  });

  it("creates invoices to the millisatoshi, and finds payments", async () => {
    const makeInvoice = ({ amount }: nwc.Nip47MakeInvoiceRequest) =>
      Promise.resolve({ invoice: `for ${String(amount)}` } as nwc.Nip47Transaction);
    expect(await connect({ makeInvoice }).makeInvoice({ amountMsat: 1_001, memo: "" })).toBe("for 1001");
    expect(await connect({ lookupInvoice: found("settled") }).find("x")).toEqual({ state: "paid", preimage: "ab" });
    expect(await connect({ lookupInvoice: found("failed") }).find("x")).toEqual({ state: "failed" });
  });

  it("recognizes connection strings", () => {
    const key = "0123456789abcdef".repeat(4);
    expect(NwcWallet.accepts(`nostr+walletconnect://${key}?relay=wss://relay.test&secret=${key}`)).toBe(true);
    for (const text of ["", "https://wallet.test", `nostr+walletconnect://${key}?relay=wss://relay.test`]) {
      expect(NwcWallet.accepts(text)).toBe(false);
    }
  });
});

/** An invoice without fields. */
const empty = (prefix: string) => fromWords({ prefix, words: Array<number>(114).fill(0) });

describe("an invoice", () => {
  it.each([1_000, 1_001, 21_000, 100_000, 999_999_999, 1_000_000_000])("contains its amount, %i msat", (amountMsat) => {
    const { invoice, paymentHash } = invoiceOf({ amountMsat });
    expect(readInvoice(invoice)).toMatchObject({ amountMsat, paymentHash, network: "regtest", text: invoice });
    expect(readInvoice(invoice.toUpperCase())?.amountMsat).toBe(amountMsat);
  });

  // From the examples of BOLT 11.
  it.each([
    ["lnbc2500u", 250_000_000],
    ["lnbc20m", 2_000_000_000],
    ["lntb20m", 2_000_000_000],
    ["lnbc9678785340p", 967_878_534],
    ["lnbc", undefined],
    ["lntbs30n", 3_000],
    ["lnbcrt1", 100_000_000_000],
  ])("%s is read by the units of BOLT 11", (prefix, amountMsat) => {
    expect(readInvoice(empty(prefix))).toMatchObject({ amountMsat });
  });

  it.each([
    ...["", "hello", "lnbc1", `lnbc20m1${"b".repeat(120)}`, `lnbc20m1${"q".repeat(120)}`, empty("xx20m")],
    // Fractions of a millisatoshi, a leading zero, too large an amount, and letters of both cases.
    ...[empty("lnbc2500000001p"), empty("lnbc020m"), empty("lnbc99999999999"), empty("lnbc20m").replace("b", "B")],
  ])("is not %j", (text) => {
    expect(readInvoice(text)).toBeUndefined();
  });

  it("is not longer than any wallet makes one", () => {
    expect(readInvoice(fromWords({ prefix: "lnbc20m", words: Array<number>(4_002).fill(0) }))).toBeDefined();
    expect(readInvoice(fromWords({ prefix: "lnbc20m", words: Array<number>(4_100).fill(0) }))).toBeUndefined();
  });

  it.each([
    ["its hash", hashField()],
    ["when it expires", expiryField(60)],
  ])("does not say twice %s", (_, again) => {
    const fields = [hashField(), expiryField(600)];
    const said = (more: Field[]) => signedInvoice({ prefix: "lnbc20m", createdMs: 0, fields: [...fields, ...more] });
    expect(readInvoice(said([]))).toMatchObject({ expiresMs: 600_000 });
    expect(readInvoice(said([again]))).toBeUndefined();
  });

  it("matches its own preimage and no other", async () => {
    const { invoice, preimage } = invoiceOf({ amountMsat: 1_000 });
    expect(await matchesPaymentHash(preimage, invoice)).toBe(true);
    expect(await matchesPaymentHash("00".repeat(32), invoice)).toBe(false);
    expect(await matchesPaymentHash("short", invoice)).toBe(false);
  });
});
