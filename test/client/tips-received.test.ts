import { beforeEach, describe, expect, it } from "vitest";
import { Tip_Role, Tip_State } from "../../gen/satoshigle/v1/tip_pb.js";
import { invoiceOf } from "../support/invoice.js";
import { pass, ScriptedServer, settle } from "./scripted-server.js";
import { TestWallet, tipOnWire, TipClient, tipsOn } from "./tip-client.js";
import { createStorage, useFakeClock, ClientHarness } from "./client-harness.js";

useFakeClock();

let server: ScriptedServer;
let wallet: TestWallet;
beforeEach(() => {
  server = new ScriptedServer();
  wallet = new TestWallet();
});

/** Sends an event about a tip to this side. */
async function beTipped(tipClient: TipClient, id = "t".repeat(22)): Promise<void> {
  const tip = tipOnWire({ id, matchId: "m1", amountMsat: 5_000, comment: "nice" }, Tip_State.OFFERED);
  await tipClient.server.stream.event({ case: "tipUpdated", value: { tip: { ...tip, role: Tip_Role.PAYEE } } });
  await settle();
}

describe("a tip to this side", () => {
  it("is answered by the wallet", async () => {
    const tipClient = await TipClient.arrive(server);
    tipClient.client.setWallet(wallet);
    await beTipped(tipClient);
    expect(wallet.asked).toMatchObject([{ amountMsat: 5_000 }]);
    expect(server.invoices).toMatchObject([{ tipId: tipClient.tip.id }]);
  });

  it("waits for the person if the page requests it", async () => {
    const tipClient = await TipClient.arrive(server);
    tipClient.client.setWallet(wallet, { answer: "ask" });
    await beTipped(tipClient);
    expect(server.invoices).toEqual([]);
    await tipClient.client.acceptTip(tipClient.tip.id);
    expect(server.invoices).toHaveLength(1);
  });

  it("is answered once, however often the button is pressed", async () => {
    const tipClient = await TipClient.arrive(server);
    tipClient.client.setWallet(wallet, { answer: "ask" });
    await beTipped(tipClient);
    await Promise.all([tipClient.client.acceptTip(tipClient.tip.id), tipClient.client.acceptTip(tipClient.tip.id)]);
    expect([wallet.asked, server.invoices]).toMatchObject([[{}], [{}]]);
  });

  it("is answered with a pasted invoice only if the amount matches", async () => {
    const tipClient = await TipClient.arrive(server);
    await beTipped(tipClient);
    await expect(tipClient.client.acceptTip(tipClient.tip.id)).rejects.toMatchObject({ code: "no_wallet" });
    for (const wrong of ["hello", invoiceOf({ amountMsat: 6_000 }).invoice]) {
      await expect(tipClient.client.acceptTip(tipClient.tip.id, wrong)).rejects.toMatchObject({ field: "invoice" });
    }
    const { invoice } = invoiceOf({ amountMsat: 5_000 });
    await tipClient.client.acceptTip(tipClient.tip.id, ` lightning:${invoice.toUpperCase()} `);
    expect(server.invoices).toMatchObject([{ invoice }]);
  });

  it("is declined", async () => {
    const tipClient = await TipClient.arrive(server);
    await beTipped(tipClient);
    await tipClient.client.declineTip(tipClient.tip.id);
    expect(server.cancels).toHaveLength(1);
    expect(tipClient.tip.state).toBe("declined");
  });

  it("explains why the wallet created no invoice, and can still be declined", async () => {
    const tipClient = await TipClient.arrive(server);
    wallet.makeInvoice = () => Promise.reject(new Error("The wallet is locked."));
    tipClient.client.setWallet(wallet);
    await beTipped(tipClient);
    expect(tipClient.tip).toMatchObject({ state: "offered", problem: "The wallet is locked." });
  });

  it("cannot be confirmed or cancelled by the payee", async () => {
    const tipClient = await TipClient.arrive(server);
    await beTipped(tipClient);
    await expect(tipClient.client.cancelTip(tipClient.tip.id)).rejects.toMatchObject({ code: "invalid" });
    await expect(tipClient.client.confirmTip(tipClient.tip.id, "ab")).rejects.toMatchObject({ code: "invalid" });
  });

  it("asks the wallet once for a tip whose invoice fails in a different way each time", async () => {
    const tipClient = await TipClient.arrive(server);
    let times = 0;
    wallet.makeInvoice = () => Promise.reject(new Error(`try ${String(++times)}`));
    tipClient.client.setWallet(wallet);
    await beTipped(tipClient);
    await pass(1_000);
    expect(times).toBe(1);
    tipClient.client.setWallet(wallet);
    await settle();
    expect(times).toBe(2);
  });

  it.each([
    ["more than the maximum", { amountMsat: 1_000_000_001n }],
    ["a negative amount", { amountMsat: -5_000n }],
    ["an amount beyond safe integers", { amountMsat: 2n ** 60n }],
    ["a comment that is too long", { comment: "x".repeat(141) }],
    ["no role", { role: Tip_Role.UNSPECIFIED }],
  ])("is not taken with %s", async (_, wrong) => {
    const tipClient = await TipClient.arrive(server);
    tipClient.client.setWallet(wallet);
    const tip = tipOnWire({ id: "t".repeat(22), matchId: "m1", amountMsat: 5_000, comment: "" }, Tip_State.OFFERED);
    await server.stream.event({ case: "tipUpdated", value: { tip: { ...tip, role: Tip_Role.PAYEE, ...wrong } } });
    await settle();
    expect([tipClient.client.tips, wallet.asked]).toEqual([[], []]);
  });

  it("limits the invoices that the wallet creates automatically", async () => {
    const tipClient = await TipClient.arrive(server);
    tipClient.client.setWallet(wallet);
    for (let times = 0; times < 100; times++) await beTipped(tipClient, `t${String(times)}`.padEnd(22, "t"));
    expect(wallet.asked.length).toBeLessThanOrEqual(17);
    expect(tipClient.tip).toMatchObject({ state: "offered", problem: expect.stringContaining("Too many") as string });
    await tipClient.client.acceptTip(tipClient.tip.id);
    expect(server.invoices.at(-1)).toMatchObject({ tipId: tipClient.tip.id });
  });
});

describe("a page after a reload", () => {
  /** A page that was closed after its wallet was asked to pay. */
  async function closeWhilePaying(storage: ReturnType<typeof createStorage>) {
    const tipClient = await TipClient.arrive(server, { tipStorage: storage });
    tipClient.client.setWallet(wallet);
    await tipClient.give();
    const due = invoiceOf({ amountMsat: 21_000 });
    await tipClient.hear(Tip_State.INVOICED, due);
    return due;
  }

  it("looks up the payment and confirms it with the session that offered it", async () => {
    const storage = createStorage();
    const due = await closeWhilePaying(storage);
    const later = new TipClient(server, new ClientHarness(server, { tipStorage: storage }));
    expect(later.tip.state).toBe("paying");
    wallet.payment = { state: "paid", preimage: due.preimage };
    later.client.setWallet(wallet);
    await later.until("settled");
    expect(server.calls.at(-1)).toEqual({ name: "confirmTip", token: "Bearer secret" });
    expect(wallet.paid).toHaveLength(1);
    expect([...storage.keys()]).toEqual(["satoshigle.paid:http://server.test"]);
  });

  it("confirms a paid tip without a wallet", async () => {
    const storage = createStorage();
    const due = invoiceOf({ amountMsat: 21_000 });
    wallet.outcome = () => Promise.resolve({ preimage: due.preimage });
    server.onCall = (name) => (name === "confirmTip" ? new Promise(() => undefined) : undefined);
    const tipClient = await TipClient.arrive(server, { tipStorage: storage });
    tipClient.client.setWallet(wallet);
    await tipClient.give();
    await tipClient.hear(Tip_State.INVOICED, due);
    await tipClient.until("unconfirmed");
    server.onCall = () => undefined;
    const later = new TipClient(server, new ClientHarness(server, { tipStorage: storage }));
    await later.until("settled");
  });

  it("never asks the wallet to pay the same tip again", async () => {
    const storage = createStorage();
    const due = await closeWhilePaying(storage);
    const later = await TipClient.arrive(server, { tipStorage: storage });
    later.client.setWallet(wallet);
    await later.hear(Tip_State.INVOICED, due);
    await later.client.payTip(later.tip.id);
    await pass(60_000);
    expect(wallet.paid).toHaveLength(1);
    expect(later.tip.state).toBe("paying");
  });

  it("does not pay a tip that another tab is paying", async () => {
    const storage = createStorage();
    const tipClient = await TipClient.arrive(server, { tipStorage: storage });
    await tipClient.give();
    await tipClient.hear(Tip_State.INVOICED, invoiceOf({ amountMsat: 21_000 }));
    const other = new TipClient(server, new ClientHarness(server, { tipStorage: storage }));
    expect(other.tip.state).toBe("invoiced");
    tipClient.client.setWallet(wallet);
    other.client.setWallet(wallet);
    void tipClient.client.payTip(tipClient.tip.id);
    void other.client.payTip(other.tip.id);
    await settle();
    expect(wallet.paid).toHaveLength(1);
  });

  it("shows the tips of its session as the server reports them, and pays none that it does not remember", async () => {
    const { invoice } = invoiceOf({ amountMsat: 21_000 });
    const harness = new ClientHarness(server);
    harness.client.setWallet(wallet);
    void harness.client.connect();
    await settle();
    const tip = { id: "r".repeat(22), matchId: "m1", amountMsat: 21_000, comment: "" };
    await server.stream.welcome({ ...tipsOn, tips: [tipOnWire(tip, Tip_State.INVOICED, invoice)] });
    expect(harness.client.tips).toMatchObject([{ state: "invoiced", invoice }]);
    expect(harness.client.tips[0]?.problem).toContain("has no record");
    await expect(harness.client.payTip(tip.id)).rejects.toMatchObject({ code: "invalid" });
    expect(wallet.paid).toEqual([]);
    expect(server.cancels).toEqual([]);
  });

  it("pays an invoice that arrived after the reload on request, for the offered amount", async () => {
    const storage = createStorage();
    const before = await TipClient.arrive(server, { tipStorage: storage });
    await before.give(21_000);
    const { id } = before.tip;
    const { invoice } = invoiceOf({ amountMsat: 21_000 });
    const later = await TipClient.arrive(server, { tipStorage: storage });
    later.client.setWallet(wallet);
    expect(later.tip).toMatchObject({ id, amountMsat: 21_000, state: "offered" });
    const dear = tipOnWire({ ...later.tip, amountMsat: 5_000_000 }, Tip_State.INVOICED, invoice);
    await server.stream.event({ case: "tipUpdated", value: { tip: dear } });
    expect(later.tip).toMatchObject({ amountMsat: 21_000, state: "offered" });
    await later.hear(Tip_State.INVOICED, { invoice });
    expect(wallet.paid).toEqual([]);
    void later.client.payTip(id);
    await settle();
    expect(wallet.paid).toEqual([invoice]);
  });

  it("ignores foreign data in the storage", () => {
    const storage = createStorage();
    for (const text of ["{", "7", '[null,{"id":1}]']) {
      storage.set("satoshigle.tips:http://server.test", text);
      expect(new ClientHarness(server, { tipStorage: storage }).client.tips).toEqual([]);
    }
  });
});
