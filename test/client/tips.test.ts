import { Code, ConnectError } from "@connectrpc/connect";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { MatchEnded_Reason } from "../../gen/satoshigle/v1/event_pb.js";
import { Tip_State } from "../../gen/satoshigle/v1/tip_pb.js";
import { PaymentFailed } from "../../src/client/index.js";
import { invoiceOf } from "../support/invoice.js";
import { away, limitReached, pass, ScriptedServer, settle } from "./scripted-server.js";
import { TestWallet, Tipper } from "./tipper.js";
import { useFakeClock, Visitor } from "./visitor.js";

useFakeClock();

let server: ScriptedServer;
let wallet: TestWallet;
beforeEach(() => {
  server = new ScriptedServer();
  wallet = new TestWallet();
});

describe("a tip of this side", () => {
  it("is paid by the wallet, confirmed, and told in every state", async () => {
    const tipper = await Tipper.arrive(server);
    const due = invoiceOf({ amountMsat: 21_000 });
    wallet.outcome = () => Promise.resolve({ preimage: due.preimage });
    tipper.client.setWallet(wallet);
    await tipper.give(21_000, "for the song");
    expect(server.offers[0]).toMatchObject({ matchId: "m1", amountMsat: 21_000n, comment: "for the song" });
    await tipper.hear(Tip_State.OFFERED);
    await tipper.hear(Tip_State.INVOICED, due);
    await tipper.until("settled");
    expect(wallet.paid).toEqual([due.invoice]);
    expect(server.proofs).toMatchObject([{ tipId: tipper.tip.id, preimage: due.preimage }]);
    await tipper.hear(Tip_State.SETTLED, due);
    expect(tipper.told).toEqual(["offered", "invoiced", "paying", "unconfirmed", "settled"]);
    expect(tipper.client.tipTotals()).toEqual({ givenMsat: 21_000, receivedMsat: 0 });
  });

  it("only moves forward, whatever is repeated", async () => {
    const tipper = await Tipper.arrive(server);
    await tipper.give();
    const due = invoiceOf({ amountMsat: 21_000 });
    for (const state of [Tip_State.INVOICED, Tip_State.INVOICED, Tip_State.OFFERED, Tip_State.SETTLED]) {
      await tipper.hear(state, due);
    }
    await tipper.hear(Tip_State.SETTLED, due);
    await tipper.hear(Tip_State.EXPIRED, due);
    expect(tipper.told).toEqual(["offered", "invoiced", "settled"]);
    expect(tipper.client.tipTotals("m1").givenMsat).toBe(21_000);
  });

  it("is paid once, however often the invoice is told", async () => {
    const tipper = await Tipper.arrive(server);
    tipper.client.setWallet(wallet);
    await tipper.give();
    const due = invoiceOf({ amountMsat: 21_000 });
    await tipper.hear(Tip_State.INVOICED, due);
    await tipper.hear(Tip_State.INVOICED, due);
    tipper.client.setWallet(wallet);
    await expect(tipper.client.cancelTip(tipper.tip.id)).rejects.toMatchObject({ code: "tip_over" });
    await tipper.client.payTip(tipper.tip.id);
    expect(wallet.paid).toHaveLength(1);
  });

  it("is never paid when the invoice is for a different amount", async () => {
    const tipper = await Tipper.arrive(server);
    tipper.client.setWallet(wallet);
    await tipper.give(21_000);
    await tipper.hear(Tip_State.INVOICED, invoiceOf({ amountMsat: 22_000 }));
    await tipper.until("cancelled");
    expect(wallet.paid).toEqual([]);
    expect(server.cancels).toHaveLength(1);
    expect(tipper.tip.problem).toContain("different amount");
  });

  it("is never paid when the invoice has expired", async () => {
    const tipper = await Tipper.arrive(server);
    await tipper.give();
    await tipper.hear(Tip_State.INVOICED, invoiceOf({ amountMsat: 21_000 }));
    vi.setSystemTime(Date.now() + 601_000);
    tipper.client.setWallet(wallet);
    void tipper.client.payTip(tipper.tip.id);
    await tipper.until("cancelled");
    expect(wallet.paid).toEqual([]);
  });

  it("is cancelled when the wallet says that nothing was paid", async () => {
    const tipper = await Tipper.arrive(server);
    tipper.client.setWallet(wallet);
    wallet.outcome = () => Promise.reject(new PaymentFailed("Not enough money."));
    await tipper.give();
    await tipper.hear(Tip_State.INVOICED, invoiceOf({ amountMsat: 21_000 }));
    await tipper.until("cancelled");
    expect(tipper.tip.problem).toBe("Not enough money.");
  });

  it("stays open when nobody knows what came of the payment, and settles when the wallet knows", async () => {
    const tipper = await Tipper.arrive(server);
    const due = invoiceOf({ amountMsat: 21_000 });
    tipper.client.setWallet(wallet);
    wallet.outcome = () => Promise.reject(new Error("timeout"));
    await tipper.give();
    await tipper.hear(Tip_State.INVOICED, due);
    await pass(60_000);
    expect(tipper.tip).toMatchObject({ state: "paying", problem: undefined });
    expect(server.cancels).toEqual([]);
    wallet.payment = { state: "paid", preimage: due.preimage };
    await pass(60_000);
    await tipper.until("settled");
    expect(wallet.paid).toHaveLength(1);
  });

  it("is confirmed again and again until the server has taken it", async () => {
    const tipper = await Tipper.arrive(server);
    const due = invoiceOf({ amountMsat: 21_000 });
    tipper.client.setWallet(wallet);
    wallet.outcome = () => Promise.resolve({ preimage: due.preimage });
    const answers = [away(), limitReached(1_000), new ConnectError("oops", Code.Internal)];
    server.onCall = (name) => {
      const answer = name === "confirmTip" ? answers.shift() : undefined;
      if (answer) throw answer;
    };
    await tipper.give();
    await tipper.hear(Tip_State.INVOICED, due);
    await tipper.until("settled");
    expect(server.proofs).toHaveLength(4);
  });

  it("says that it was paid when the server refuses the proof for good", async () => {
    const tipper = await Tipper.arrive(server);
    const due = invoiceOf({ amountMsat: 21_000 });
    tipper.client.setWallet(wallet);
    wallet.outcome = () => Promise.resolve({ preimage: due.preimage });
    server.onCall = (name) => {
      if (name === "confirmTip") throw new ConnectError("not open any more", Code.FailedPrecondition);
    };
    await tipper.give();
    await tipper.hear(Tip_State.INVOICED, due);
    await tipper.until("expired");
    expect(tipper.tip.problem).toContain("was paid");
    expect(server.proofs).toHaveLength(1);
  });

  it("is paid by a person who shows the proof, and by no wrong one", async () => {
    const tipper = await Tipper.arrive(server);
    const due = invoiceOf({ amountMsat: 21_000 });
    await tipper.give();
    await tipper.hear(Tip_State.INVOICED, due);
    const wrong = tipper.client.confirmTip(tipper.tip.id, "ab".repeat(32));
    await expect(wrong).rejects.toMatchObject({ code: "invalid", field: "preimage" });
    expect(server.proofs).toEqual([]);
    await tipper.client.confirmTip(tipper.tip.id, ` ${due.preimage.toUpperCase()}\n`);
    expect(tipper.tip.state).toBe("settled");
  });

  it("goes on in the background when the match is over", async () => {
    const tipper = await Tipper.arrive(server);
    const due = invoiceOf({ amountMsat: 21_000 });
    tipper.client.setWallet(wallet);
    let pay: (payment: { preimage: string }) => void = () => undefined;
    wallet.outcome = () => new Promise((resolve) => (pay = resolve));
    await tipper.give();
    await tipper.hear(Tip_State.INVOICED, due);
    await server.stream.event({ case: "matchEnded", value: { matchId: "m1", reason: MatchEnded_Reason.PARTNER_LOST } });
    pay({ preimage: due.preimage });
    await tipper.until("settled");
    expect(tipper.client.tipTotals().givenMsat).toBe(21_000);
  });

  it("expires by itself when the server says nothing any more", async () => {
    const tipper = await Tipper.arrive(server);
    await tipper.give();
    await pass(140_000);
    expect(tipper.tip.state).toBe("expired");
  });

  it.each([
    ["half a satoshi", 500, ""],
    ["nothing", 0, ""],
    ["less than nothing", -1_000, ""],
    ["part of a millisatoshi", 1_000.5, ""],
    ["more than the most", 1_000_000_001, ""],
    ["too many words", 1_000, "x".repeat(141)],
  ])("is refused at once with %s", async (_, amountMsat, comment) => {
    const tipper = await Tipper.arrive(server);
    await expect(tipper.client.tip(amountMsat, comment)).rejects.toMatchObject({ code: "invalid" });
    expect(server.offers).toEqual([]);
  });

  it("is cancelled when the server refuses the offer", async () => {
    const tipper = await Tipper.arrive(server);
    server.onCall = () => {
      throw limitReached(5_000);
    };
    const given = tipper.client.tip(21_000);
    await Promise.all([expect(given).rejects.toMatchObject({ code: "limit_reached" }), settle()]);
    expect(tipper.tip.state).toBe("cancelled");
  });

  it("is refused where tips are off, and without a partner", async () => {
    const visitor = await Visitor.match(server);
    await expect(visitor.client.tip(21_000)).rejects.toMatchObject({ code: "tips_off" });
    expect(visitor.client.state.tips).toBeNull();
    const tipper = await Tipper.arrive(new ScriptedServer());
    await tipper.server.stream.event({
      case: "matchEnded",
      value: { matchId: "m1", reason: MatchEnded_Reason.PARTNER_LOST },
    });
    await expect(tipper.client.tip(21_000)).rejects.toMatchObject({ code: "match_over" });
  });
});
