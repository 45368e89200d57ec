import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { Tip_Role, Tip_State } from "../../gen/satoshigle/v1/tip_pb.js";
import { PaymentFailed } from "../../src/client/index.js";
import { PaymentUnclear } from "../../src/client/wallets/index.js";
import { spokenWords } from "../../src/client/tips/wallet-words.js";
import { invoiceOf } from "../support/invoice.js";
import { pass, ScriptedServer, settle } from "./scripted-server.js";
import { TestWallet, tipOnWire, TipClient } from "./tip-client.js";
import { ClientHarness, createStorage, useFakeClock } from "./client-harness.js";

useFakeClock();

let server: ScriptedServer;
let wallet: TestWallet;
beforeEach(() => {
  server = new ScriptedServer();
  wallet = new TestWallet();
});

/** A tip that the wallet was asked to pay. */
async function pay(storage: ReturnType<typeof createStorage> | null = null) {
  const tipClient = await TipClient.arrive(server, { tipStorage: storage });
  tipClient.client.setWallet(wallet);
  await tipClient.give();
  const due = invoiceOf({ amountMsat: 21_000 });
  await tipClient.hear(Tip_State.INVOICED, due);
  await settle();
  return { tipClient, due };
}

describe("a wallet that does not answer", () => {
  it("is mentioned after half a minute, and the tip stays open", async () => {
    const { tipClient } = await pay();
    await pass(25_000);
    expect(tipClient.tip).toMatchObject({ state: "paying", problem: undefined });
    await pass(6_000);
    expect(tipClient.tip).toMatchObject({ state: "paying", problemCode: "wallet_silent" });
    expect(server.cancels).toEqual([]);
  });

  it.each([-120_000, 120_000])("may be due to a clock that is off by %i ms", async (clockAheadMs) => {
    server.clockAheadMs = clockAheadMs;
    const { tipClient } = await pay();
    await pass(31_000);
    expect(tipClient.tip).toMatchObject({ state: "paying", problemCode: "clock_off" });
  });

  it("is said to be paying once it says so", async () => {
    wallet.payment = { state: "pending" };
    const { tipClient } = await pay();
    await pass(120_000);
    expect(tipClient.tip).toMatchObject({ state: "paying", problemCode: "payment_pending" });
  });

  it("leaves an outcome that nobody knows when the tip expires, whose proof is still confirmed", async () => {
    const storage = createStorage();
    const { tipClient, due } = await pay(storage);
    await pass(4_300_000);
    expect(tipClient.tip).toMatchObject({ state: "expired", problemCode: "outcome_unknown" });
    const later = new TipClient(server, new ClientHarness(server, { tipStorage: storage }));
    expect(later.tip).toMatchObject({ state: "expired", problemCode: "outcome_unknown" });
    wallet.payment = { state: "paid", preimage: due.preimage };
    later.client.setWallet(wallet);
    await later.until("settled");
    expect(later.tip.problem).toBeUndefined();
    expect(server.proofs).toMatchObject([{ preimage: due.preimage }]);
    expect(wallet.paid).toHaveLength(1);
  });

  it("is waited for as long as a payment may be in flight, in later pages too", async () => {
    const storage = createStorage();
    const { tipClient, due } = await pay(storage);
    await pass(4_300_000);
    void tipClient.client.close();
    vi.setSystemTime(Date.now() + 15 * 86_400_000);
    const later = new TipClient(server, new ClientHarness(server, { tipStorage: storage }));
    wallet.payment = { state: "paid", preimage: due.preimage };
    later.client.setWallet(wallet);
    await later.until("settled");
    expect(server.proofs).toMatchObject([{ preimage: due.preimage }]);
  });

  it("is forgotten afterwards", async () => {
    const storage = createStorage();
    const { tipClient } = await pay(storage);
    void tipClient.client.close();
    vi.setSystemTime(Date.now() + 17 * 86_400_000);
    const { client } = new ClientHarness(server, { tipStorage: storage });
    await settle();
    expect(client.tips).toEqual([]);
  });

  it("does not make a tip unpaid that the server reports as cancelled", async () => {
    const { tipClient } = await pay();
    await tipClient.hear(Tip_State.CANCELLED);
    expect(tipClient.tip).toMatchObject({ state: "expired", problemCode: "outcome_unknown" });
  });
});

describe("a tip that was put away", () => {
  it("stays so in another page, is still confirmed when its proof comes, and is then shown again", async () => {
    const storage = createStorage();
    const { tipClient, due } = await pay(storage);
    await tipClient.client.putAwayTip(tipClient.tip.id);
    expect(tipClient.tip).toMatchObject({ state: "paying", putAway: true });
    const later = new TipClient(server, new ClientHarness(server, { tipStorage: storage }));
    expect(later.tip).toMatchObject({ state: "paying", putAway: true });
    wallet.payment = { state: "paid", preimage: due.preimage };
    later.client.setWallet(wallet);
    await later.until("settled");
    expect(later.tip.putAway).toBeUndefined();
    expect(server.cancels).toEqual([]);
  });
});

describe("what a wallet says", () => {
  it("is shown when it does not know whether it paid, until it does", async () => {
    wallet.outcome = () => Promise.reject(new PaymentUnclear("No route was found."));
    const { tipClient, due } = await pay();
    const said = { problemCode: "payment_unclear", problem: "No route was found.", saidByWallet: true };
    expect(tipClient.tip).toMatchObject({ state: "paying", ...said });
    wallet.payment = { state: "paid", preimage: due.preimage };
    await pass(10_000);
    await tipClient.until("settled");
    expect(tipClient.tip.problem).toBeUndefined();
  });

  it("ends the tip with its own words once it knows that it did not pay", async () => {
    wallet.outcome = () => Promise.reject(new PaymentUnclear("No route was found."));
    const { tipClient } = await pay();
    wallet.payment = { state: "failed" };
    await pass(10_000);
    await tipClient.until("cancelled");
    expect(tipClient.tip).toMatchObject({ problemCode: "payment_failed", problem: "No route was found." });
    expect(server.cancels).toHaveLength(1);
  });

  it("ends the tip also where other tabs have to wait for a lock", async () => {
    let refuse: (error: Error) => void = () => undefined;
    wallet.outcome = () => new Promise((_, reject) => (refuse = reject));
    const { tipClient } = await pay(createStorage());
    const request = async <T>(_: string, act: () => T) => new Promise((done) => setTimeout(done, 10)).then(act);
    vi.stubGlobal("navigator", { locks: { request } });
    refuse(new PaymentFailed("Not enough money."));
    await tipClient.until("cancelled");
    expect(server.cancels).toHaveLength(1);
  });

  it.each([
    "[]",
    "[HtlcLog(route=None, amount_msat=1)]",
    '{"code":-1}',
    "timeout",
    "x".repeat(5_000),
    "a b ".repeat(99),
  ])("is not shown if it is not a sentence: %s", async (words) => {
    expect(spokenWords(new Error(words))).toBeUndefined();
    wallet.outcome = () => Promise.reject(new PaymentFailed(words));
    const { tipClient } = await pay();
    await tipClient.until("cancelled");
    expect(tipClient.tip).toMatchObject({ saidByWallet: false, problem: expect.not.stringContaining(words) as string });
  });

  it.each(["The wallet is locked.", "Error: Not enough money", "余额不足无法付款", "Guthaben reicht nicht"])(
    "is shown if it is a sentence: %s",
    (words) => expect(spokenWords(new Error(words))).toBe(words.replace("Error: ", "")),
  );
});

describe("half a satoshi", () => {
  it("is not offered by a wallet of whole ones", async () => {
    const tipClient = await TipClient.arrive(server);
    tipClient.client.setWallet(Object.assign(wallet, { wholeSats: true }));
    const given = tipClient.client.tip(21_500);
    await expect(given).rejects.toMatchObject({ code: "invalid", problem: "whole_sats" });
    expect(server.offers).toEqual([]);
  });

  it.each([
    ["says so", () => Object.assign(new TestWallet(), { wholeSats: true })],
    ["rounds it", () => Object.assign(new TestWallet(), { makeInvoice: () => made(21_000) })],
    [
      "refuses it",
      () => Object.assign(new TestWallet(), { makeInvoice: () => Promise.reject(new Error("whole only")) }),
    ],
  ])("is explained to the payee whose wallet %s", async (_, walletOf) => {
    const tipClient = await TipClient.arrive(server);
    tipClient.client.setWallet(walletOf());
    await beTipped(21_500);
    expect(tipClient.tip).toMatchObject({ state: "offered", problemCode: "whole_sats" });
    expect(server.invoices).toEqual([]);
  });

  const made = (amountMsat: number) => Promise.resolve(invoiceOf({ amountMsat }).invoice);
});

/** The server reports a tip to this side, by its own clock. */
async function beTipped(amountMsat: number): Promise<void> {
  const tip = tipOnWire({ id: "t".repeat(22), matchId: "m1", amountMsat, comment: "" }, Tip_State.OFFERED);
  const expireTime = timestampFromMs(Date.now() + server.clockAheadMs + 120_000);
  await server.stream.event({ case: "tipUpdated", value: { tip: { ...tip, role: Tip_Role.PAYEE, expireTime } } });
  await settle();
}

it("a tip does not vanish on arrival because the payee's clock is minutes ahead", async () => {
  server.clockAheadMs = -180_000;
  const tipClient = await TipClient.arrive(server);
  await beTipped(21_000);
  await pass(100_000);
  expect(tipClient.tip.state).toBe("offered");
  await pass(40_000);
  expect(tipClient.tip.state).toBe("expired");
});

it("a wallet is asked for an invoice that lives ten minutes", async () => {
  const tipClient = await TipClient.arrive(server);
  tipClient.client.setWallet(wallet);
  await beTipped(21_000);
  expect(wallet.asked).toMatchObject([{ amountMsat: 21_000, expirySeconds: 600 }]);
});

describe("two tabs", () => {
  it("agree about a tip, and the second asks its wallet nothing more once it is settled", async () => {
    const listeners: ((event: { key: string; newValue: string | null }) => void)[] = [];
    vi.stubGlobal("addEventListener", (type: string, listener: (typeof listeners)[number]) => {
      if (type === "storage") listeners.push(listener);
    });
    const storage = createStorage();
    const { setItem } = storage;
    storage.setItem = (key, value) => {
      setItem(key, value);
      for (const listener of listeners) listener({ key, newValue: value });
    };
    const tipClient = await TipClient.arrive(server, { tipStorage: storage });
    await tipClient.give();
    const due = invoiceOf({ amountMsat: 21_000 });
    await tipClient.hear(Tip_State.INVOICED, due);
    const other = await TipClient.arrive(server, { tipStorage: storage });
    const itsWallet = new TestWallet();
    other.client.setWallet(itsWallet);
    wallet.outcome = () => Promise.resolve({ preimage: due.preimage });
    tipClient.client.setWallet(wallet);
    void tipClient.client.payTip(tipClient.tip.id);
    await tipClient.until("settled");
    await other.until("settled");
    await other.client.payTip(other.tip.id);
    expect(other.states).toEqual(["paying", "unconfirmed", "settled"]);
    expect([wallet.paid, itsWallet.paid, server.proofs]).toMatchObject([[due.invoice], [], [{}]]);
  });

  it("never pay one invoice for two tips", async () => {
    const storage = createStorage();
    const { tipClient, due } = await pay(storage);
    const other = await TipClient.arrive(server, { tipStorage: storage });
    other.client.setWallet(wallet);
    await other.give();
    await other.hear(Tip_State.INVOICED, due);
    await other.until("cancelled");
    expect(other.tip.problemCode).toBe("wrong_invoice");
    expect(tipClient.tip.state).toBe("paying");
    expect(wallet.paid).toHaveLength(1);
  });
});
