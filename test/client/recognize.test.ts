import { bech32 } from "@scure/base";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { payUrl, recognize, type UselessKind } from "../../src/client/wallets/recognize.js";
import { invoiceOf } from "../support/invoice.js";

const { invoice } = invoiceOf({ amountMsat: 21_000 });
const { invoice: amountless } = invoiceOf({ amountMsat: undefined });
const found = { kind: "invoice", invoice, amountMsat: 21_000 };
const ONCHAIN = "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq";
const key = "0123456789abcdef".repeat(4);

function lnurl(url: string): string {
  return bech32.encode("lnurl", bech32.toWords(new TextEncoder().encode(url)), 2_048);
}

describe("a pasted invoice", () => {
  it.each([
    ["alone", invoice],
    ["in capitals", invoice.toUpperCase()],
    ["with a capital that the keyboard set", `L${invoice.slice(1)}`],
    ["with spaces around", `  ${invoice}\n`],
    ["in lines", invoice.replace(/(.{40})/g, "$1\r\n ")],
    ["with signs that cannot be seen", `\u200b${invoice.slice(0, 50)}\u00ad${invoice.slice(50)}\ufeff`],
    ["as a link", `lightning:${invoice}`],
    ["as a link in capitals", `LIGHTNING:${invoice.toUpperCase()}`],
    ["as a link with slashes", `lightning://${invoice}`],
    ["in a link to Bitcoin", `bitcoin:${ONCHAIN}?amount=0.00000021&lightning=${invoice}`],
    ["in a QR code of both", `BITCOIN:${ONCHAIN.toUpperCase()}?AMOUNT=0.1&LIGHTNING=${invoice.toUpperCase()}`],
    ["in a link without an address", `bitcoin:?lno=lno1abc&lightning=${invoice}`],
    ["in the link of a page", `https://wallet.test/open?lightning=${invoice}`],
    ["in a sentence", `Please pay this: ${invoice}, thanks!`],
  ])("is found %s", (_, text) => {
    expect(recognize(text)).toEqual(found);
  });
});

describe("a pasted address", () => {
  it.each([
    ["bob@wallet.test", "bob@wallet.test"],
    [" Bob+Tips@Wallet.Test ", "bob+tips@wallet.test"],
    ["lightning:bob@wallet.test", "bob@wallet.test"],
    ["₿bob@wallet.test", "bob@wallet.test"],
    ["My address: bob@wallet.test.", "bob@wallet.test"],
    [lnurl("https://wallet.test/pay"), lnurl("https://wallet.test/pay")],
    [`lightning:${lnurl("https://wallet.test/pay").toUpperCase()}`, lnurl("https://wallet.test/pay")],
    ["lnurlp://wallet.test/pay", "lnurlp://wallet.test/pay"],
  ])("is found in %j", (text, address) => {
    expect(recognize(text)).toEqual({ kind: "address", address });
  });

  it.each([
    ["bob@wallet.test", "https://wallet.test/.well-known/lnurlp/bob"],
    ["bob@127.0.0.1:3000", "http://127.0.0.1:3000/.well-known/lnurlp/bob"],
    ["bob@localhost", "http://localhost/.well-known/lnurlp/bob"],
    ["lnurlp://wallet.test/a/b?c=d", "https://wallet.test/a/b?c=d"],
    ["lnurlp:localhost:3000/a", "http://localhost:3000/a"],
    [lnurl("https://wallet.test/pay?x=1"), "https://wallet.test/pay?x=1"],
    [lnurl("http://wallet.test/pay"), undefined],
    [lnurl("http://localhost.evil.test/pay"), undefined],
    [lnurl("http://127.0.0.1@evil.test/pay"), undefined],
    [lnurl("file:///etc/passwd"), undefined],
    ["lnurlp://user:word@wallet.test/", undefined],
  ])("%j is asked at %j", (address, url) => {
    expect(payUrl(address)?.href).toBe(url);
  });
});

describe("what cannot be used", () => {
  it.each<[UselessKind, string]>([
    ["empty", " \n\u200b"],
    ["amountless", amountless],
    ["amountless", `bitcoin:${ONCHAIN}?amount=0.1&lightning=${amountless}`],
    ["damaged", invoice.slice(0, -10)],
    ["damaged", `lightning:${invoice.replace(/.$/, (last) => (last === "q" ? "p" : "q"))}`],
    ["damaged", lnurl("https://wallet.test/pay").slice(0, -3)],
    ["offer", "lno1pgx2um5wf5hg6twv9k8xap3xqmrqvpk9ce"],
    ["offer", "LIGHTNING:LNO1PGX2UM5WF5HG6TWV9K8XAP3XQMRQVPK9CE"],
    ["offer", `bitcoin:${ONCHAIN}?lno=lno1pgx2um5wf5hg6twv9k8xap3xqmrqvpk9ce`],
    ["withdraw", "lnurlw://wallet.test/withdraw"],
    ["not_payment", "keyauth://wallet.test/login"],
    ["not_payment", lnurl("https://wallet.test/?tag=login&k1=0")],
    ["onchain", ONCHAIN],
    ["onchain", `bitcoin:${ONCHAIN}`],
    ["onchain", "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2"],
    ["digits", key],
    ["unknown", "hello"],
    ["unknown", "https://wallet.test"],
    ["unknown", "@"],
  ])("is called %s: %s", (kind, text) => {
    expect(recognize(text)).toEqual({ kind });
  });

  it("is a connection string, which must not leave the field for wallets", () => {
    const connection = `nostr+walletconnect://${key}?relay=wss://relay.test&secret=${key}`;
    expect(recognize(` ${connection}\n`)).toEqual({ kind: "connection", connection });
  });

  it("never makes it fail, or take long", () => {
    const pieces = fc.constantFrom(invoice, "lightning:", "bitcoin:", "?lightning=", "@", "lnurl1", "%", " ", "lnbc1");
    fc.assert(
      fc.property(fc.array(fc.oneof(pieces, fc.string()), { maxLength: 20 }), (parts) => {
        expect(recognize(parts.join(""))).toHaveProperty("kind");
      }),
    );
    const startMs = performance.now();
    for (const long of ["@", "lightning:", "1", "a@", "lnbc", "((((", "?lightning="]) recognize(long.repeat(100_000));
    expect(performance.now() - startMs).toBeLessThan(2_000);
  });
});
