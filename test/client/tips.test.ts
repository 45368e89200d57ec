import { Code, ConnectError } from "@connectrpc/connect";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { MatchEnded_Reason } from "../../gen/satoshigle/v1/event_pb.js";
import { Tip_State } from "../../gen/satoshigle/v1/tip_pb.js";
import { PaymentFailed } from "../../src/client/index.js";
import { invoiceOf } from "../support/invoice.js";
import { away, limitReached, pass, ScriptedServer, settle } from "./scripted-server.js";
import { TestWallet, TipClient } from "./tip-client.js";
import { useFakeClock, ClientHarness } from "./client-harness.js";

useFakeClock();

let server: ScriptedServer;
let wallet: TestWallet;
beforeEach(() => {
  server = new ScriptedServer();
  wallet = new TestWallet();
});

describe("a tip of this side", () => {
  it("is paid by the wallet, confirmed, and reported in every state", async () => {
    const tipClient = await TipClient.arrive(server);
    const due = invoiceOf({ amountMsat: 21_000 });
    wallet.outcome = () => Promise.resolve({ preimage: due.preimage });
    tipClient.client.setWallet(wallet);
    await tipClient.give(21_000, "for the song");
    expect(server.offers[0]).toMatchObject({ matchId: "m1", amountMsat: 21_000n, comment: "for the song" });
    await tipClient.hear(Tip_State.OFFERED);
    await tipClient.hear(Tip_State.INVOICED, due);
    await tipClient.until("settled");
    expect(wallet.paid).toEqual([due.invoice]);
    expect(server.proofs).toMatchObject([{ tipId: tipClient.tip.id, preimage: due.preimage }]);
    await tipClient.hear(Tip_State.SETTLED, due);
    expect(tipClient.states).toEqual(["offered", "invoiced", "paying", "unconfirmed", "settled"]);
    expect(tipClient.client.tipTotals()).toMatchObject({ givenMsat: 21_000, receivedMsat: 0 });
  });

  it("only moves forward, whatever events are repeated", async () => {
    const tipClient = await TipClient.arrive(server);
    await tipClient.give();
    const due = invoiceOf({ amountMsat: 21_000 });
    for (const state of [Tip_State.INVOICED, Tip_State.INVOICED, Tip_State.OFFERED, Tip_State.SETTLED]) {
      await tipClient.hear(state, due);
    }
    await tipClient.hear(Tip_State.SETTLED, due);
    await tipClient.hear(Tip_State.EXPIRED, due);
    expect(tipClient.states).toEqual(["offered", "invoiced", "settled"]);
    expect(tipClient.client.tipTotals("m1").givenMsat).toBe(21_000);
  });

  it("is paid once, however often the invoice is reported", async () => {
    const tipClient = await TipClient.arrive(server);
    tipClient.client.setWallet(wallet);
    await tipClient.give();
    const due = invoiceOf({ amountMsat: 21_000 });
    await tipClient.hear(Tip_State.INVOICED, due);
    await tipClient.hear(Tip_State.INVOICED, due);
    tipClient.client.setWallet(wallet);
    await expect(tipClient.client.cancelTip(tipClient.tip.id)).rejects.toMatchObject({ code: "tip_over" });
    await tipClient.client.payTip(tipClient.tip.id);
    expect(wallet.paid).toHaveLength(1);
  });

  it("is never paid when the invoice is for a different amount", async () => {
    const tipClient = await TipClient.arrive(server);
    tipClient.client.setWallet(wallet);
    await tipClient.give(21_000);
    await tipClient.hear(Tip_State.INVOICED, invoiceOf({ amountMsat: 22_000 }));
    await tipClient.until("cancelled");
    expect(wallet.paid).toEqual([]);
    expect(server.cancels).toHaveLength(1);
    expect(tipClient.tip.problem).toContain("different amount");
  });

  it("is never paid when the invoice has expired", async () => {
    const tipClient = await TipClient.arrive(server);
    await tipClient.give();
    await tipClient.hear(Tip_State.INVOICED, invoiceOf({ amountMsat: 21_000 }));
    vi.setSystemTime(Date.now() + 601_000);
    tipClient.client.setWallet(wallet);
    void tipClient.client.payTip(tipClient.tip.id);
    await tipClient.until("cancelled");
    expect(wallet.paid).toEqual([]);
  });

  it("is cancelled when the wallet reports that nothing was paid", async () => {
    const tipClient = await TipClient.arrive(server);
    tipClient.client.setWallet(wallet);
    wallet.outcome = () => Promise.reject(new PaymentFailed("Not enough money."));
    await tipClient.give();
    await tipClient.hear(Tip_State.INVOICED, invoiceOf({ amountMsat: 21_000 }));
    await tipClient.until("cancelled");
    expect(tipClient.tip.problem).toBe("Not enough money.");
  });

  it("stays open while the outcome of the payment is unknown, and settles when the wallet knows it", async () => {
    const tipClient = await TipClient.arrive(server);
    const due = invoiceOf({ amountMsat: 21_000 });
    tipClient.client.setWallet(wallet);
    wallet.outcome = () => Promise.reject(new Error("timeout"));
    await tipClient.give();
    await tipClient.hear(Tip_State.INVOICED, due);
    await pass(60_000);
    expect(tipClient.tip).toMatchObject({ state: "paying", problemCode: "wallet_silent" });
    expect(server.cancels).toEqual([]);
    wallet.payment = { state: "paid", preimage: due.preimage };
    await pass(60_000);
    await tipClient.until("settled");
    expect(wallet.paid).toHaveLength(1);
  });

  it("is confirmed repeatedly until the server accepts it", async () => {
    const tipClient = await TipClient.arrive(server);
    const due = invoiceOf({ amountMsat: 21_000 });
    tipClient.client.setWallet(wallet);
    wallet.outcome = () => Promise.resolve({ preimage: due.preimage });
    const answers = [away(), limitReached(1_000), new ConnectError("oops", Code.Internal)];
    server.onCall = (name) => {
      const answer = name === "confirmTip" ? answers.shift() : undefined;
      if (answer) throw answer;
    };
    await tipClient.give();
    await tipClient.hear(Tip_State.INVOICED, due);
    await tipClient.until("settled");
    expect(server.proofs).toHaveLength(4);
  });

  it("reports that it was paid when the server rejects the proof for good", async () => {
    const tipClient = await TipClient.arrive(server);
    const due = invoiceOf({ amountMsat: 21_000 });
    tipClient.client.setWallet(wallet);
    wallet.outcome = () => Promise.resolve({ preimage: due.preimage });
    server.onCall = (name) => {
      if (name === "confirmTip") throw new ConnectError("not open any more", Code.FailedPrecondition);
    };
    await tipClient.give();
    await tipClient.hear(Tip_State.INVOICED, due);
    await tipClient.until("expired");
    expect(tipClient.tip.problem).toContain("was paid");
    expect(server.proofs).toHaveLength(1);
  });

  it("is confirmed with the right preimage only", async () => {
    const tipClient = await TipClient.arrive(server);
    const due = invoiceOf({ amountMsat: 21_000 });
    await tipClient.give();
    await tipClient.hear(Tip_State.INVOICED, due);
    const wrong = tipClient.client.confirmTip(tipClient.tip.id, "ab".repeat(32));
    await expect(wrong).rejects.toMatchObject({ code: "invalid", field: "preimage" });
    expect(server.proofs).toEqual([]);
    await tipClient.client.confirmTip(tipClient.tip.id, ` ${due.preimage.toUpperCase()}\n`);
    expect(tipClient.tip.state).toBe("settled");
  });

  it("continues in the background after the match", async () => {
    const tipClient = await TipClient.arrive(server);
    const due = invoiceOf({ amountMsat: 21_000 });
    tipClient.client.setWallet(wallet);
    let pay: (payment: { preimage: string }) => void = () => undefined;
    wallet.outcome = () => new Promise((resolve) => (pay = resolve));
    await tipClient.give();
    await tipClient.hear(Tip_State.INVOICED, due);
    await server.stream.event({ case: "matchEnded", value: { matchId: "m1", reason: MatchEnded_Reason.PARTNER_LOST } });
    pay({ preimage: due.preimage });
    await tipClient.until("settled");
    expect(tipClient.client.tipTotals().givenMsat).toBe(21_000);
  });

  it("expires when the server reports nothing more", async () => {
    const tipClient = await TipClient.arrive(server);
    await tipClient.give();
    await pass(140_000);
    expect(tipClient.tip.state).toBe("expired");
  });

  it.each([
    ["half a satoshi", 500, ""],
    ["nothing", 0, ""],
    ["a negative amount", -1_000, ""],
    ["part of a millisatoshi", 1_000.5, ""],
    ["more than the maximum", 1_000_000_001, ""],
    ["a comment that is too long", 1_000, "x".repeat(141)],
  ])("is refused at once with %s", async (_, amountMsat, comment) => {
    const tipClient = await TipClient.arrive(server);
    await expect(tipClient.client.tip(amountMsat, comment)).rejects.toMatchObject({ code: "invalid" });
    expect(server.offers).toEqual([]);
  });

  it("is cancelled when the server refuses the offer", async () => {
    const tipClient = await TipClient.arrive(server);
    server.onCall = () => {
      throw limitReached(5_000);
    };
    const given = tipClient.client.tip(21_000);
    await Promise.all([expect(given).rejects.toMatchObject({ code: "limit_reached" }), settle()]);
    expect(tipClient.tip.state).toBe("cancelled");
  });

  it("is refused if tips are disabled, or without a partner", async () => {
    const harness = await ClientHarness.match(server);
    await expect(harness.client.tip(21_000)).rejects.toMatchObject({ code: "tips_off" });
    expect(harness.client.state.tips).toBeNull();
    const tipClient = await TipClient.arrive(new ScriptedServer());
    await tipClient.server.stream.event({
      case: "matchEnded",
      value: { matchId: "m1", reason: MatchEnded_Reason.PARTNER_LOST },
    });
    await expect(tipClient.client.tip(21_000)).rejects.toMatchObject({ code: "match_over" });
  });
});
