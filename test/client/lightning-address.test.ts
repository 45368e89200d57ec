import { bech32 } from "@scure/base";
import * as ldk from "lightningdevkit";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { AddressProblem, LightningAddressWallet } from "../../src/client/wallets/index.js";
import { loadEngine } from "../support/lightning/engine.js";
import { invoiceOf } from "../support/invoice.js";
import { LnurlServer, METADATA_HASH, type Question, send } from "../support/lightning/lnurl-server.js";
import { LightningNode } from "../support/lightning/node.js";

// A lightning address against a service on loopback whose invoices come from a Lightning node.

const terms = { amountMsat: 21_000, memo: "A tip", network: "regtest" } as const;

let node: LightningNode;
let service: LnurlServer;
beforeAll(async () => {
  await loadEngine();
  node = new LightningNode();
  service = await LnurlServer.start(node);
});
afterEach(() => {
  vi.useRealTimers();
  service.reform();
});
afterAll(async () => {
  await service.close();
  node.close();
});

/** The problem with the wallet's invoice. */
async function problem(wanted: { amountMsat?: number } = {}): Promise<AddressProblem> {
  const made = new LightningAddressWallet(service.address).makeInvoice({ ...terms, ...wanted });
  return made.then(
    (invoice) => Promise.reject(new Error(`there was an invoice: ${invoice}`)),
    (error: unknown) => {
      if (error instanceof AddressProblem) return error;
      throw error;
    },
  );
}

function lnurl(path: string): string {
  const words = bech32.toWords(new TextEncoder().encode(service.origin + path));
  return bech32.encode("lnurl", words, 2_048);
}

describe("a lightning address", () => {
  it("gives an invoice of exactly the amount", async () => {
    const invoice = await new LightningAddressWallet(service.address).makeInvoice(terms);
    expect(node.payments().find((one) => one.invoice === invoice)).toMatchObject({ amountMsat: 21_000 });
  });

  it.each<[string, (text: string) => string]>([
    ["in capitals, with spaces", (address) => ` ${address.toUpperCase()} \n`],
    ["as a link", (address) => `lightning:${address}`],
    ["as LNURL", () => lnurl("/.well-known/lnurlp/bob")],
    ["as LNURL in a QR code", () => `LIGHTNING:${lnurl("/.well-known/lnurlp/bob").toUpperCase()}`],
    ["as a link of LUD-17", () => `lnurlp://${new URL(service.origin).host}/.well-known/lnurlp/bob`],
    ["in the link of a page", () => `https://shop.test/pay?lightning=${lnurl("/.well-known/lnurlp/bob")}`],
  ])("is understood %s", async (_, write) => {
    const invoice = await new LightningAddressWallet(write(service.address)).makeInvoice(terms);
    expect(invoice).toMatch(/^lnbcrt210n1/);
  });

  it("tells its limits", async () => {
    expect(await new LightningAddressWallet(service.address).check()).toMatchObject({
      minMsat: 1_000,
      maxMsat: 100_000_000,
    });
  });

  it("keeps the service's own parameters, and sends no cookie and no referrer", async () => {
    await new LightningAddressWallet(service.address).makeInvoice(terms);
    expect(service.asked.map(({ question, url }) => [question, url.search])).toEqual([
      ["payRequest", ""],
      ["invoice", "?user=bob&amount=21000"],
    ]);
    for (const { headers } of service.asked) expect([headers.cookie, headers.referer]).toEqual([undefined, undefined]);
  });

  it.each([
    [5, "A tip"],
    [4, null],
    [0, null],
  ])("sends a comment if %i characters are allowed: %j", async (commentAllowed, comment) => {
    service.change("payRequest", { commentAllowed });
    await new LightningAddressWallet(service.address).makeInvoice(terms);
    expect(service.asked.at(-1)?.url.searchParams.get("comment")).toBe(comment);
  });

  it("takes an invoice with the hash of the description, if it is the right one", async () => {
    const of = (descriptionHash: string) => invoiceOf({ amountMsat: 21_000, descriptionHash }).invoice;
    const right = of(METADATA_HASH);
    service.change("invoice", { pr: right });
    expect(await new LightningAddressWallet(service.address).makeInvoice(terms)).toBe(right);
    service.change("invoice", { pr: of("ab".repeat(32)) });
    expect(await problem()).toMatchObject({ tipProblem: "address_wrong" });
  });
});

describe("what a lightning address does not take", () => {
  it.each([
    ["less than the minimum", { minSendable: 22_000 }, 21_000, "takes amounts from 22 sats to 100000 sats"],
    ["more than the maximum", { maxSendable: 20_000 }, 21_000, "takes amounts from 1 sats to 20 sats"],
    ["parts of a satoshi", {}, 21_500, "whole satoshis"],
  ])("is %s", async (_, fields, amountMsat, words) => {
    service.change("payRequest", fields);
    const refused = await problem({ amountMsat });
    expect(refused.tipProblem).toBe("address_limits");
    expect(refused.message).toContain(words);
    expect(service.asked.map(({ question }) => question)).toEqual(["payRequest"]);
  });

  it.each<Question>(["payRequest", "invoice"])("is said in the words of the service (%s)", async (question) => {
    service.answer(question, (response) => {
      send(response, { status: "ERROR", reason: "Bob's\u0007 node\nis asleep. " + "z".repeat(1_000) }, 500);
    });
    const refused = await problem();
    expect(refused.tipProblem).toBe("address_refused");
    expect(refused.message).toMatch(/^Bob's node is asleep\. z+$/);
    expect(refused.message).toHaveLength(200);
  });

  it("is said without words of the service if it has none", async () => {
    service.answer("invoice", (response) => send(response, { status: "ERROR", reason: { a: 1 } }));
    expect(await problem()).toMatchObject({ tipProblem: "address_unusable" });
  });
});

describe("a hostile service", () => {
  it.each([
    ["another amount", () => node.makeInvoice(22_000)],
    ["no amount", () => invoiceOf({ amountMsat: undefined }).invoice],
    ["another network", () => invoiceOf({ amountMsat: 21_000, network: "testnet" }).invoice],
    ["the past", () => invoiceOf({ amountMsat: 21_000, expirySeconds: 0 }).invoice],
    ["a changed invoice", () => node.makeInvoice(21_000).replace(/.$/, (last) => (last === "q" ? "p" : "q"))],
    ["no invoice", () => "lnbcrt"],
    ["a number", () => 7],
  ])("cannot answer with %s", async (_, made) => {
    service.change("invoice", { pr: made() });
    expect(await problem()).toMatchObject({ tipProblem: "address_wrong" });
  });

  it("cannot answer with an invoice of a real node on testnet", async () => {
    const abroad = new LightningNode(ldk.Network.LDKNetwork_Testnet);
    service.change("invoice", { pr: abroad.makeInvoice(21_000) });
    expect((await problem()).message).toContain("another network");
    abroad.close();
  });

  it.each<[string, Record<string, unknown>]>([
    ["another kind of LNURL", { tag: "withdrawRequest" }],
    ["a callback without encryption", { callback: "http://192.0.2.1/pay" }],
    ["a callback that is a script", { callback: "javascript:alert(1)" }],
    ["a callback with a password", { callback: "https://user:word@service.test/" }],
    ["no callback", { callback: undefined }],
    ["a range upside down", { minSendable: 5_000, maxSendable: 4_000 }],
    ["a minimum of nothing", { minSendable: 0 }],
    ["amounts that are none", { maxSendable: "much" }],
    ["no description", { metadata: "[]" }],
    ["a description that is no list", { metadata: "{" }],
  ])("cannot describe itself with %s", async (_, fields) => {
    service.change("payRequest", fields);
    expect(await problem()).toMatchObject({ tipProblem: "address_unusable" });
    expect(service.asked).toHaveLength(1);
  });

  it("cannot send a body without end", async () => {
    let isOver = false;
    service.answer("payRequest", (response) => {
      response.on("close", () => (isOver = true));
      const more = () => {
        if (!isOver) response.write("x".repeat(100_000), () => setImmediate(more));
      };
      more();
    });
    expect((await problem()).message).toContain("far too much");
    await vi.waitUntil(() => isOver, { timeout: 60_000, interval: 5 });
  });

  it("cannot send its visitors elsewhere", async () => {
    const other = await LnurlServer.start(node);
    service.answer("payRequest", (response, url) => {
      response.writeHead(302, { location: other.origin + url.pathname }).end();
    });
    expect((await problem()).message).toContain(`sends its visitors to ${new URL(other.origin).host}`);
    await other.close();
  });

  it("may send its visitors to another place of its own", async () => {
    const wallet = new LightningAddressWallet(lnurl("/verify/moved"));
    service.answer("verify", (response) => response.writeHead(302, { location: "/.well-known/lnurlp/bob" }).end());
    expect(await wallet.makeInvoice(terms)).toMatch(/^lnbcrt/);
  });

  it.each<[string, Question]>([
    ["describe its payments", "payRequest"],
    ["make an invoice", "invoice"],
  ])("cannot take forever to %s", async (_, question) => {
    service.answer(question, (response) => void response.write('{"tag":'));
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const refused = problem();
    await vi.waitUntil(() => service.asked.at(-1)?.question === question, { timeout: 60_000, interval: 5 });
    await vi.advanceTimersByTimeAsync(10_000);
    expect((await refused).message).toContain("did not answer in time");
  });

  it.each([
    ["nobody", "/.well-known/lnurlp/nobody", "does not know this address"],
    ["a page", "/verify/x", "is not a Lightning service"],
    ["an error", "/pay", "answered with the error 500"],
  ])("is said in words when it has %s", async (_, path, words) => {
    service.answer("verify", (response) => response.end("<html>hello</html>"));
    service.answer("invoice", (response) => response.writeHead(500).end("oops"));
    const wallet = new LightningAddressWallet(lnurl(path));
    await expect(wallet.makeInvoice(terms)).rejects.toThrow(words);
  });

  it("is said in words when it is not there", async () => {
    const gone = await LnurlServer.start(node);
    await gone.close();
    await expect(new LightningAddressWallet(gone.address).makeInvoice(terms)).rejects.toThrow("cannot be reached");
  });

  it.each(["", "bob", "http://192.0.2.1/pay", "lnurlp://", "lno1abc"])(
    "is not asked for the address %j",
    async (text) => {
      await expect(new LightningAddressWallet(text).check()).rejects.toThrow("This is not a lightning address.");
    },
  );
});
