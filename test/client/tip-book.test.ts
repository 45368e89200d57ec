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

describe("a tip as the server tells it", () => {
  it.each([
    ["is over nothing", { amountMsat: 0n }],
    ["is over less than nothing", { amountMsat: -1n }],
    ["is over more than a number holds", { amountMsat: 2n ** 60n }],
    ["has no role for this side", { role: Tip_Role.UNSPECIFIED }],
    ["is in a state that nobody knows", { state: 99 }],
  ])("is none when it %s", (_, change) => {
    expect(toTip(wire(), 0)).toMatchObject({ id: "tip", amountMsat: 21_000, state: "invoiced", invoice });
    expect(toTip(wire(change), 0)).toBeUndefined();
  });

  it("has no invoice while it is offered", () => {
    expect(toTip(wire({ state: Tip_State.OFFERED }), 0)).toMatchObject({ state: "offered", invoice: undefined });
  });

  it("ends when the server says or when its invoice says, whatever is sooner, by the clock of this side", () => {
    const late = { invoiceExpireTime: timestampFromMs(ownExpiryMs + 60_000) };
    expect(toTip(wire(), 5_000)?.invoiceExpiresAtMs).toBe(ownExpiryMs - 65_000);
    expect(toTip(wire(late), 5_000)?.invoiceExpiresAtMs).toBe(ownExpiryMs - 5_000);
    expect(toTip(wire({ invoiceExpireTime: undefined }), 0)?.invoiceExpiresAtMs).toBe(ownExpiryMs);
  });
});

it.each([
  ["from nothing", { minTipMsat: 0n, maxTipMsat: 5n }],
  ["that cross", { minTipMsat: 6n, maxTipMsat: 5n }],
  ["up to more than a number holds", { minTipMsat: 1n, maxTipMsat: 2n ** 60n }],
])("takes no terms of tips with bounds %s", (_, bounds) => {
  const terms = (limits: object) =>
    toTipTerms(create(WelcomeSchema, { lightningNetwork: LightningNetwork.REGTEST, limits }));
  expect(terms({ minTipMsat: 1n, maxTipMsat: 5n })).toMatchObject({ network: "regtest", minMsat: 1, maxMsat: 5 });
  expect(terms(bounds)).toBeNull();
});

describe("the book of tips", () => {
  const known: Tip = {
    ...{ id: "tip", matchId: "match", role: "payer", amountMsat: 21_000, comment: "words", state: "invoiced", invoice },
    ...{ createdAtMs: 1, expiresAtMs: 3, invoiceExpiresAtMs: 2, problem: undefined },
  };

  it.each<[string, Partial<Tip>]>([
    ["of the other role", { role: "payee" }],
    ["of another match", { matchId: "another" }],
    ["over another amount", { amountMsat: 22_000 }],
  ])("takes a tip %s for another one, which it leaves out", (_, change) => {
    const book = new TipStore(() => undefined);
    expect(book.put(known)).toBe(true);
    expect(book.put({ ...known, state: "settled", ...change })).toBe(false);
    expect(book.all).toEqual([known]);
  });

  it("keeps the first invoice and the words of a tip", () => {
    const book = new TipStore(() => undefined);
    book.put(known);
    const other = invoiceOf({ amountMsat: 21_000 }).invoice;
    book.put({ ...known, state: "paying", invoice: other, invoiceExpiresAtMs: 1, comment: "others" });
    expect(book.all).toEqual([{ ...known, state: "paying" }]);
  });
});
