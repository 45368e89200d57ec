import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { describe, expect, it } from "vitest";
import { WelcomeSchema } from "../../src/client/gen/satoshigle/v1/event_pb.js";
import { LightningNetwork, Tip_Role, Tip_State, TipSchema } from "../../src/client/gen/satoshigle/v1/tip_pb.js";
import type { Tip } from "../../src/client/index.js";
import { TipStore } from "../../src/client/tips/tip-store.js";
import { readInvoice } from "../../src/client/tips/invoice.js";
import { toTip } from "../../src/client/tips/codec.js";
import { toTipTerms } from "../../src/client/tips/terms.js";
import { invoiceOf } from "../support/invoice.js";

const { invoice } = invoiceOf({ amountMsat: 21_000, expirySeconds: 600 });
const ownExpiryMs = readInvoice(invoice)?.expiresMs ?? 0;

const wire = (change: object = {}) =>
  create(TipSchema, {
    ...{ tipId: "tip", matchId: "match", role: Tip_Role.PAYER, amountMsat: 21_000n, comment: "words" },
    ...{ state: Tip_State.INVOICED, invoice, invoiceExpireTime: timestampFromMs(ownExpiryMs - 60_000) },
    ...change,
  });

describe("a tip from the server", () => {
  it.each([
    ["has an amount of zero", { amountMsat: 0n }],
    ["has a negative amount", { amountMsat: -1n }],
    ["has an amount beyond safe integers", { amountMsat: 2n ** 60n }],
    ["has no role for this side", { role: Tip_Role.UNSPECIFIED }],
    ["has an unknown state", { state: 99 }],
  ])("is ignored if it %s", (_, change) => {
    expect(toTip(wire(), 0)).toMatchObject({ id: "tip", amountMsat: 21_000, state: "invoiced", invoice });
    expect(toTip(wire(change), 0)).toBeUndefined();
  });

  it("has no invoice while it is offered", () => {
    expect(toTip(wire({ state: Tip_State.OFFERED }), 0)).toMatchObject({ state: "offered", invoice: undefined });
  });

  it("expires at the server's or the invoice's expiry, whichever is earlier, by the local clock", () => {
    const late = { invoiceExpireTime: timestampFromMs(ownExpiryMs + 60_000) };
    expect(toTip(wire(), 5_000)?.invoiceExpiresAtMs).toBe(ownExpiryMs - 65_000);
    expect(toTip(wire(late), 5_000)?.invoiceExpiresAtMs).toBe(ownExpiryMs - 5_000);
    expect(toTip(wire({ invoiceExpireTime: undefined }), 0)?.invoiceExpiresAtMs).toBe(ownExpiryMs);
  });
});

it.each([
  ["from zero", { minTipMsat: 0n, maxTipMsat: 5n }],
  ["that cross", { minTipMsat: 6n, maxTipMsat: 5n }],
  ["beyond safe integers", { minTipMsat: 1n, maxTipMsat: 2n ** 60n }],
])("terms of tips with bounds %s are ignored", (_, bounds) => {
  const terms = (limits: object) =>
    toTipTerms(create(WelcomeSchema, { lightningNetwork: LightningNetwork.REGTEST, limits }));
  expect(terms({ minTipMsat: 1n, maxTipMsat: 5n })).toMatchObject({ network: "regtest", minMsat: 1, maxMsat: 5 });
  expect(terms(bounds)).toBeNull();
});

describe("the tip store", () => {
  const known: Tip = {
    ...{ id: "tip", matchId: "match", role: "payer", amountMsat: 21_000, comment: "words", state: "invoiced", invoice },
    ...{ createdAtMs: 1, expiresAtMs: 3, invoiceExpiresAtMs: 2, problem: undefined },
  };

  it.each<[string, Partial<Tip>]>([
    ["with the other role", { role: "payee" }],
    ["with another match", { matchId: "another" }],
    ["with another amount", { amountMsat: 22_000 }],
  ])("ignores an update %s", (_, change) => {
    const store = new TipStore(() => undefined);
    expect(store.put(known)).toBe(true);
    expect(store.put({ ...known, state: "settled", ...change })).toBe(false);
    expect(store.all).toEqual([known]);
  });

  it("keeps the first invoice and the comment of a tip", () => {
    const store = new TipStore(() => undefined);
    store.put(known);
    const other = invoiceOf({ amountMsat: 21_000 }).invoice;
    store.put({ ...known, state: "paying", invoice: other, invoiceExpiresAtMs: 1, comment: "others" });
    expect(store.all).toEqual([{ ...known, state: "paying" }]);
  });
});
