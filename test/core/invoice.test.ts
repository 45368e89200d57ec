import fc from "fast-check";
import { Network } from "lightningdevkit";
import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type LightningNetwork, parseInvoice } from "../../src/core/invoice.js";
import { loadEngine } from "../support/lightning/engine.js";
import { LightningNode } from "../support/lightning/node.js";
import { wordsOf } from "./support/bech32.js";
import * as make from "./support/invoices.js";
import { AMOUNT, hashOf, invoice, namedInvoice, NOW_MS, PREFIX, problemOf, terms } from "./support/invoices.js";

const networks = ["bitcoin", "testnet", "signet", "regtest"] as const;
const kitNetworks = {
  bitcoin: Network.LDKNetwork_Bitcoin,
  testnet: Network.LDKNetwork_Testnet,
  signet: Network.LDKNetwork_Signet,
  regtest: Network.LDKNetwork_Regtest,
};
let nodes: Record<LightningNetwork, LightningNode>;
beforeAll(async () => {
  await loadEngine();
  const made = networks.map((network) => [network, new LightningNode(kitNetworks[network])]);
  nodes = Object.fromEntries(made) as typeof nodes;
});
afterAll(() => Object.values(nodes).forEach((node) => node.close()));

describe("an invoice for the tip is accepted", () => {
  it.each(networks)("on %s, as created by a Lightning node", (network) => {
    const text = nodes[network].makeInvoice(AMOUNT, "a tip", 900);
    const { createdMs, expiresMs } = nodes[network].find(hashOf(text, network)) ?? {};
    expect(text.startsWith(make.prefixes[network])).toBe(true);
    expect(parseInvoice(text, { network, amountMsat: AMOUNT }, Date.now())).toEqual({
      ...{ text, paymentHash: hashOf(text, network), amountMsat: AMOUNT, expiresMs, validUntilMs: expiresMs },
    });
    expect(expiresMs).toBe((createdMs ?? 0) + 900_000);
  });

  it.each(networks)("on %s, whether or not it names its node", (network) => {
    const prefix = PREFIX.replace("lnbcrt", make.prefixes[network]);
    for (const text of [invoice({ prefix }), namedInvoice({ prefix })]) {
      const held = { network, amountMsat: AMOUNT };
      expect(parseInvoice(text, held, NOW_MS)).toMatchObject({ text, expiresMs: NOW_MS + 600_000 });
    }
  });

  it("for every allowed amount, to the millisatoshi", () => {
    const round = [1_000, 1_100, 100_000, 100_000_000, 1_000_000_000].map((amount) => fc.constant(amount));
    fc.assert(
      fc.property(fc.oneof(fc.integer({ min: 1_000, max: 1_000_000_000 }), ...round), (amountMsat) => {
        const text = nodes.regtest.makeInvoice(amountMsat);
        const held = { network: "regtest", amountMsat } as const;
        expect(parseInvoice(text, held, Date.now()).amountMsat).toBe(amountMsat);
        expect(problemOf(text, Date.now(), { ...held, amountMsat: amountMsat + 1 })).toBe("amount");
      }),
      { numRuns: 50 },
    );
  });

  it("in capitals, as in QR codes, and is stored in lower case", () => {
    const text = namedInvoice();
    expect(parseInvoice(text.toUpperCase(), terms, NOW_MS)).toEqual(parseInvoice(text, terms, NOW_MS));
  });

  it("with repeated routes, addresses and unknown fields", () => {
    const address: make.Field = ["f", [17, ...wordsOf(randomBytes(20))]];
    const twice = [make.routeField(), make.routeField(), address, address];
    const unknown: make.Field = ["2", [1, 2, 3]];
    expect(problemOf(namedInvoice({ fields: [...twice, unknown, unknown] }))).toBeUndefined();
  });

  it("with the maximum length", () => {
    const fields = Array.from({ length: 38 }, () => make.routeField());
    const text = namedInvoice({ fields });
    const filled = namedInvoice({ fields: [...fields, ["2", new Array<number>(4_096 - text.length - 3).fill(0)]] });
    expect(filled).toHaveLength(4_096);
    expect(problemOf(filled)).toBeUndefined();
  });
});

describe("an invoice is refused for its network", () => {
  const pairs = networks.flatMap((of) => networks.filter((here) => here !== of).map((here) => [of, here] as const));
  it.each(pairs)("from %s on %s", (of, here) => {
    const held = { network: here, amountMsat: AMOUNT };
    expect(problemOf(nodes[of].makeInvoice(AMOUNT), Date.now(), held)).toBe("network");
    const amountless = invoice({ prefix: make.prefixes[of] });
    expect(problemOf(amountless, NOW_MS, held)).toBe("network");
    expect(problemOf(amountless.toUpperCase(), NOW_MS, held)).toBe("network");
  });

  it("with its prefix if the network is unknown", () => {
    for (const prefix of ["lnsb210n", "lnxy210n", "ln210n", "lnbcr210n"]) {
      expect(problemOf(invoice({ prefix }))).toBe("malformed");
    }
  });
});

describe("an invoice is refused for its amount", () => {
  it.each([
    ["one millisatoshi more", "lnbcrt210010p"],
    ["one millisatoshi less", "lnbcrt209990p"],
    ["a thousand times more", "lnbcrt210u"],
    ["none at all", "lnbcrt"],
  ])("%s", (_what, prefix) => {
    expect(problemOf(invoice({ prefix }))).toBe("amount");
    expect(problemOf(namedInvoice({ prefix }))).toBe("amount");
  });

  it("with its own reason if it names none", () => {
    expect(() => parseInvoice(invoice({ prefix: "lnbcrt" }), terms, NOW_MS)).toThrow("has no amount");
  });

  it.each([
    ["a fraction of a millisatoshi", "lnbcrt210001p"],
    ["an unknown unit", "lnbcrt210x"],
    ["nothing", "lnbcrt0n"],
    ["a zero in front", "lnbcrt0210n"],
    ["more digits than there is money", `lnbcrt${"9".repeat(30)}n`],
  ])("%s, which no invoice may be about", (_what, prefix) => {
    expect(problemOf(invoice({ prefix }))).toBe("malformed");
  });
});

describe("an invoice is refused for its times", () => {
  it("if it has expired, or if too little time is left to pay", () => {
    const text = invoice({ expirySeconds: 60 });
    expect(problemOf(text, NOW_MS + 45_000)).toBeUndefined();
    expect(problemOf(text, NOW_MS + 45_001)).toBe("expiry");
    expect(problemOf(text, NOW_MS + 59_999)).toBe("expiry");
    expect(problemOf(text, NOW_MS + 60_000)).toBe("expired");
    expect(problemOf(text, NOW_MS + 10 * 60_000)).toBe("expired");
    expect(problemOf(invoice({ expirySeconds: 0 }))).toBe("expired");
  });

  it("if it is valid for more than thirty days, whenever it was created", () => {
    const day = 24 * 60 * 60;
    expect(problemOf(invoice({ expirySeconds: 30 * day }))).toBeUndefined();
    expect(problemOf(invoice({ expirySeconds: 30 * day, createdMs: NOW_MS + 2_000 }))).toBeUndefined();
    expect(problemOf(invoice({ expirySeconds: 30 * day + 1 }))).toBe("expiry");
    expect(problemOf(invoice({ expirySeconds: 31 * day, createdMs: NOW_MS - day * 1_000 }))).toBe("expiry");
    expect(() => parseInvoice(invoice({ expirySeconds: 31 * day }), terms, NOW_MS)).toThrow("at most 30 days");
  });

  it("but a week is fine, of which the payer has a day to pay", () => {
    const week = 7 * 24 * 60 * 60;
    const times = (createdMs: number) => parseInvoice(invoice({ expirySeconds: week, createdMs }), terms, NOW_MS);
    const dayMs = 24 * 60 * 60_000;
    expect(times(NOW_MS)).toMatchObject({ expiresMs: NOW_MS + dayMs, validUntilMs: NOW_MS + 7 * dayMs });
    const old = NOW_MS - 7 * dayMs + 60_000;
    expect(times(old)).toMatchObject({ expiresMs: NOW_MS + 60_000, validUntilMs: NOW_MS + 60_000 });
  });

  it("if it was created in the future, beyond the allowed clock skew", () => {
    expect(problemOf(invoice({ createdMs: NOW_MS + 300_000 }))).toBeUndefined();
    expect(problemOf(invoice({ createdMs: NOW_MS + 301_000 }))).toBe("expiry");
  });

  it("after an hour if it names no expiry", () => {
    const fields = [make.hashField(), make.secretField(), make.textField("")];
    const text = make.signedInvoice({ prefix: PREFIX, createdMs: NOW_MS, fields });
    expect(parseInvoice(text, terms, NOW_MS).expiresMs).toBe(NOW_MS + 3_600_000);
    expect(problemOf(text, NOW_MS + 3_600_000)).toBe("expired");
  });
});
