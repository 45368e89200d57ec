import { beforeEach, describe, expect, it } from "vitest";
import { Tip_Part, Tip_State } from "../../gen/satoshigle/v1/tip_pb.js";
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
  await tipper.server.stream.event({ case: "tipUpdated", value: { tip: { ...tip, part: Tip_Part.PAYEE } } });
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

  it("takes the tips of its session as the server tells them, and pays none by itself", async () => {
    const { invoice } = invoiceOf({ amountMsat: 21_000 });
    const visitor = new Visitor(server);
    visitor.client.setWallet(wallet);
    void visitor.client.connect();
    await settle();
    const tip = { id: "r".repeat(22), matchId: "m1", amountMsat: 21_000, comment: "" };
    await server.stream.welcome({ ...tipsOn, tips: [tipOnWire(tip, Tip_State.INVOICED, invoice)] });
    expect(visitor.client.tips).toMatchObject([{ state: "invoiced", invoice }]);
    expect(wallet.paid).toEqual([]);
    void visitor.client.payTip(tip.id);
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
