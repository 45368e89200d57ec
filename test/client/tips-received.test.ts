import { beforeEach, describe, expect, it } from "vitest";
import { Tip_Role, Tip_State } from "../../gen/satoshigle/v1/tip_pb.js";
import { invoiceOf } from "../support/invoice.js";
import { pass, ScriptedServer, settle } from "./scripted-server.js";
import { TestWallet, tipOnWire, Tipper, tipsOn } from "./tipper.js";
import { createStorage, useFakeClock, Visitor } from "./visitor.js";

useFakeClock();

let server: ScriptedServer;
let wallet: TestWallet;
beforeEach(() => {
  server = new ScriptedServer();
  wallet = new TestWallet();
});

/** The server's events of a tip to this side. */
async function beTipped(tipper: Tipper, id = "t".repeat(22)): Promise<void> {
  const tip = tipOnWire({ id, matchId: "m1", amountMsat: 5_000, comment: "nice" }, Tip_State.OFFERED);
  await tipper.server.stream.event({ case: "tipUpdated", value: { tip: { ...tip, role: Tip_Role.PAYEE } } });
  await settle();
}

describe("a tip to this side", () => {
  it("is answered by the wallet", async () => {
    const tipper = await Tipper.arrive(server);
    tipper.client.setWallet(wallet);
    await beTipped(tipper);
    expect(wallet.asked).toMatchObject([{ amountMsat: 5_000 }]);
    expect(server.invoices).toMatchObject([{ tipId: tipper.tip.id }]);
  });

  it("waits for the person when that is wished", async () => {
    const tipper = await Tipper.arrive(server);
    tipper.client.setWallet(wallet, { answer: "ask" });
    await beTipped(tipper);
    expect(server.invoices).toEqual([]);
    await tipper.client.acceptTip(tipper.tip.id);
    expect(server.invoices).toHaveLength(1);
  });

  it("is answered with a pasted invoice of its amount alone", async () => {
    const tipper = await Tipper.arrive(server);
    await beTipped(tipper);
    await expect(tipper.client.acceptTip(tipper.tip.id)).rejects.toMatchObject({ code: "no_wallet" });
    for (const wrong of ["hello", invoiceOf({ amountMsat: 6_000 }).invoice]) {
      await expect(tipper.client.acceptTip(tipper.tip.id, wrong)).rejects.toMatchObject({ field: "invoice" });
    }
    const { invoice } = invoiceOf({ amountMsat: 5_000 });
    await tipper.client.acceptTip(tipper.tip.id, ` lightning:${invoice.toUpperCase()} `);
    expect(server.invoices).toMatchObject([{ invoice }]);
  });

  it("is declined", async () => {
    const tipper = await Tipper.arrive(server);
    await beTipped(tipper);
    await tipper.client.declineTip(tipper.tip.id);
    expect(server.cancels).toHaveLength(1);
    expect(tipper.tip.state).toBe("declined");
  });

  it("says why the wallet makes no invoice, and can still be declined", async () => {
    const tipper = await Tipper.arrive(server);
    wallet.makeInvoice = () => Promise.reject(new Error("The wallet is locked."));
    tipper.client.setWallet(wallet);
    await beTipped(tipper);
    expect(tipper.tip).toMatchObject({ state: "offered", problem: "The wallet is locked." });
  });

  it("can not be confirmed or cancelled as if it were from this side", async () => {
    const tipper = await Tipper.arrive(server);
    await beTipped(tipper);
    await expect(tipper.client.cancelTip(tipper.tip.id)).rejects.toMatchObject({ code: "invalid" });
    await expect(tipper.client.confirmTip(tipper.tip.id, "ab")).rejects.toMatchObject({ code: "invalid" });
  });

  it("asks the wallet once for a tip whose invoice fails in another way each time", async () => {
    const tipper = await Tipper.arrive(server);
    let times = 0;
    wallet.makeInvoice = () => Promise.reject(new Error(`try ${String(++times)}`));
    tipper.client.setWallet(wallet);
    await beTipped(tipper);
    await pass(1_000);
    expect(times).toBe(1);
    tipper.client.setWallet(wallet);
    await settle();
    expect(times).toBe(2);
  });

  it.each([
    ["more than the most", { amountMsat: 1_000_000_001n }],
    ["less than nothing", { amountMsat: -5_000n }],
    ["more than a number holds", { amountMsat: 2n ** 60n }],
    ["more words than are allowed", { comment: "x".repeat(141) }],
    ["no part in it", { role: Tip_Role.UNSPECIFIED }],
  ])("is not taken with %s", async (_, wrong) => {
    const tipper = await Tipper.arrive(server);
    tipper.client.setWallet(wallet);
    const tip = tipOnWire({ id: "t".repeat(22), matchId: "m1", amountMsat: 5_000, comment: "" }, Tip_State.OFFERED);
    await server.stream.event({ case: "tipUpdated", value: { tip: { ...tip, role: Tip_Role.PAYEE, ...wrong } } });
    await settle();
    expect([tipper.client.tips, wallet.asked]).toEqual([[], []]);
  });

  it("has the wallet make only so many invoices unasked", async () => {
    const tipper = await Tipper.arrive(server);
    tipper.client.setWallet(wallet);
    for (let times = 0; times < 100; times++) await beTipped(tipper, `t${String(times)}`.padEnd(22, "t"));
    expect(wallet.asked.length).toBeLessThanOrEqual(17);
    expect(tipper.tip).toMatchObject({ state: "offered", problem: expect.stringContaining("Too many") as string });
    await tipper.client.acceptTip(tipper.tip.id);
    expect(server.invoices.at(-1)).toMatchObject({ tipId: tipper.tip.id });
  });
});

describe("a page that comes back", () => {
  /** A page that closed when its wallet had been asked to pay. */
  async function closeWhilePaying(storage: ReturnType<typeof createStorage>) {
    const tipper = await Tipper.arrive(server, { tipStorage: storage });
    tipper.client.setWallet(wallet);
    await tipper.give();
    const due = invoiceOf({ amountMsat: 21_000 });
    await tipper.hear(Tip_State.INVOICED, due);
    return due;
  }

  it("looks the payment up and confirms it with the session that offered it", async () => {
    const storage = createStorage();
    const due = await closeWhilePaying(storage);
    const later = new Tipper(server, new Visitor(server, { tipStorage: storage }));
    expect(later.tip.state).toBe("paying");
    wallet.payment = { state: "paid", preimage: due.preimage };
    later.client.setWallet(wallet);
    await later.until("settled");
    expect(server.calls.at(-1)).toEqual({ name: "confirmTip", token: "Bearer secret" });
    expect(wallet.paid).toHaveLength(1);
    expect(storage.size).toBe(0);
  });

  it("confirms what was paid but not confirmed, without a wallet", async () => {
    const storage = createStorage();
    const due = invoiceOf({ amountMsat: 21_000 });
    wallet.outcome = () => Promise.resolve({ preimage: due.preimage });
    server.onCall = (name) => (name === "confirmTip" ? new Promise(() => undefined) : undefined);
    const tipper = await Tipper.arrive(server, { tipStorage: storage });
    tipper.client.setWallet(wallet);
    await tipper.give();
    await tipper.hear(Tip_State.INVOICED, due);
    await tipper.until("unconfirmed");
    server.onCall = () => undefined;
    const later = new Tipper(server, new Visitor(server, { tipStorage: storage }));
    await later.until("settled");
  });

  it("never has the wallet pay what it was asked to pay before", async () => {
    const storage = createStorage();
    const due = await closeWhilePaying(storage);
    const later = await Tipper.arrive(server, { tipStorage: storage });
    later.client.setWallet(wallet);
    await later.hear(Tip_State.INVOICED, due);
    await later.client.payTip(later.tip.id);
    await pass(60_000);
    expect(wallet.paid).toHaveLength(1);
    expect(later.tip.state).toBe("paying");
  });

  it("leaves alone what another tab has begun to pay", async () => {
    const storage = createStorage();
    const tipper = await Tipper.arrive(server, { tipStorage: storage });
    await tipper.give();
    await tipper.hear(Tip_State.INVOICED, invoiceOf({ amountMsat: 21_000 }));
    const other = new Tipper(server, new Visitor(server, { tipStorage: storage }));
    expect(other.tip.state).toBe("invoiced");
    tipper.client.setWallet(wallet);
    other.client.setWallet(wallet);
    void tipper.client.payTip(tipper.tip.id);
    void other.client.payTip(other.tip.id);
    await settle();
    expect(wallet.paid).toHaveLength(1);
  });

  it("shows the tips of its session as the server tells them, and pays none that it does not remember", async () => {
    const { invoice } = invoiceOf({ amountMsat: 21_000 });
    const visitor = new Visitor(server);
    visitor.client.setWallet(wallet);
    void visitor.client.connect();
    await settle();
    const tip = { id: "r".repeat(22), matchId: "m1", amountMsat: 21_000, comment: "" };
    await server.stream.welcome({ ...tipsOn, tips: [tipOnWire(tip, Tip_State.INVOICED, invoice)] });
    expect(visitor.client.tips).toMatchObject([{ state: "invoiced", invoice }]);
    expect(visitor.client.tips[0]?.problem).toContain("has no record");
    await expect(visitor.client.payTip(tip.id)).rejects.toMatchObject({ code: "invalid" });
    expect(wallet.paid).toEqual([]);
    expect(server.cancels).toEqual([]);
  });

  it("pays an invoice that came after the reload when the person wants it, over the amount that was offered", async () => {
    const storage = createStorage();
    const before = await Tipper.arrive(server, { tipStorage: storage });
    await before.give(21_000);
    const { id } = before.tip;
    const { invoice } = invoiceOf({ amountMsat: 21_000 });
    const later = await Tipper.arrive(server, { tipStorage: storage });
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

  it("is not confused by what others keep under its name", () => {
    const storage = createStorage();
    for (const text of ["{", "7", '[null,{"id":1}]']) {
      storage.set("satoshigle.tips:http://server.test", text);
      expect(new Visitor(server, { tipStorage: storage }).client.tips).toEqual([]);
    }
  });
});
