import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { beforeEach, describe, expect, it } from "vitest";
import { Tip_Role, Tip_State } from "../../gen/satoshigle/v1/tip_pb.js";
import { invoiceOf } from "../support/invoice.js";
import { ScriptedServer, settle } from "./scripted-server.js";
import { TestWallet, tipOnWire, TipClient } from "./tip-client.js";
import { createStorage, useFakeClock } from "./client-harness.js";

useFakeClock();

let server: ScriptedServer;
beforeEach(() => {
  server = new ScriptedServer();
});

const offer = { id: "t".repeat(22), matchId: "m1", amountMsat: 5_000, comment: "" };
const { invoice, preimage } = invoiceOf({ amountMsat: 5_000 });

async function report(tipClient: TipClient, state: Tip_State, change: object = {}): Promise<void> {
  const tip = { ...tipOnWire(offer, state, state === Tip_State.OFFERED ? "" : invoice), ...change };
  await tipClient.server.stream.event({ case: "tipUpdated", value: { tip } });
  await settle();
}

describe("the payee", () => {
  const role = Tip_Role.PAYEE;

  it("confirms the receipt of a tip, once, and the proof comes beside it", async () => {
    const tipClient = await TipClient.arrive(server);
    await report(tipClient, Tip_State.OFFERED, { role });
    await report(tipClient, Tip_State.INVOICED, { role });
    for (let time = 0; time < 2; time++) await tipClient.client.confirmReceipt(offer.id);
    expect(server.receipts).toEqual([offer.id]);
    expect(tipClient.tip).toMatchObject({ state: "received", expiresAtMs: undefined });
    expect(tipClient.client.tipTotals()).toMatchObject({ receivedMsat: 0, unprovedReceivedMsat: 5_000 });
    const { receivedAtMs } = tipClient.tip;
    await report(tipClient, Tip_State.SETTLED, { role });
    expect(tipClient.tip).toMatchObject({ state: "settled", receivedAtMs });
    expect(tipClient.client.tipTotals()).toMatchObject({ receivedMsat: 5_000, unprovedReceivedMsat: 0 });
    expect(tipClient.states).toEqual(["offered", "invoiced", "received", "settled"]);
  });

  it("confirms it also after the tip expired or was settled", async () => {
    for (const [state, after] of [
      [Tip_State.EXPIRED, "received"],
      [Tip_State.SETTLED, "settled"],
    ] as const) {
      const tipClient = await TipClient.arrive(new ScriptedServer());
      await report(tipClient, state, { role });
      await tipClient.client.confirmReceipt(offer.id);
      expect(tipClient.tip.state).toBe(after);
      expect(tipClient.tip.receivedAtMs).toBeDefined();
    }
  });

  it("cannot confirm it for a tip that this side gives", async () => {
    const tipClient = await TipClient.arrive(server);
    await tipClient.give(5_000);
    await expect(tipClient.client.confirmReceipt(tipClient.tip.id)).rejects.toMatchObject({ field: "tip_id" });
    expect(server.receipts).toEqual([]);
  });
});

describe("the payer", () => {
  const receiveTime = timestampFromMs(1_800_000_000_000);

  it("hears that the payee received a tip, and can still prove it", async () => {
    const tipClient = await TipClient.arrive(server);
    await tipClient.give(5_000);
    const given = { tipId: tipClient.tip.id };
    await report(tipClient, Tip_State.INVOICED, given);
    await report(tipClient, Tip_State.RECEIVED, { ...given, receiveTime });
    expect(tipClient.tip).toMatchObject({ state: "received", expiresAtMs: undefined });
    expect(tipClient.client.tipTotals()).toMatchObject({ givenMsat: 0, unprovedGivenMsat: 5_000 });
    await tipClient.client.confirmTip(tipClient.tip.id, preimage);
    expect(server.proofs).toMatchObject([{ preimage }]);
    expect(tipClient.tip.state).toBe("settled");
    expect(tipClient.tip.receivedAtMs).toBeDefined();
    expect(tipClient.client.tipTotals()).toMatchObject({ givenMsat: 5_000, unprovedGivenMsat: 0 });
  });

  it("hears it after the end of a tip too, as money that left is never called unpaid", async () => {
    const tipClient = await TipClient.arrive(server);
    await tipClient.give(5_000);
    const given = { tipId: tipClient.tip.id };
    await report(tipClient, Tip_State.INVOICED, given);
    await report(tipClient, Tip_State.EXPIRED, given);
    await report(tipClient, Tip_State.RECEIVED, { ...given, receiveTime });
    await report(tipClient, Tip_State.CANCELLED, given);
    expect(tipClient.tip.state).toBe("received");
  });

  it("learns the receipt of a settled tip, once", async () => {
    const tipClient = await TipClient.arrive(server);
    await tipClient.give(5_000);
    const given = { tipId: tipClient.tip.id };
    await report(tipClient, Tip_State.SETTLED, given);
    for (let time = 0; time < 2; time++) await report(tipClient, Tip_State.SETTLED, { ...given, receiveTime });
    expect(tipClient.states).toEqual(["offered", "settled", "settled"]);
    expect(tipClient.tip.receivedAtMs).toBeDefined();
  });

  it.each(["in this page", "in the next page"])("sends the proof that its wallet finds later, %s", async (where) => {
    const [wallet, tipStorage] = [new TestWallet(), createStorage()];
    const first = await TipClient.arrive(server, { tipStorage });
    first.client.setWallet(wallet);
    wallet.outcome = () => Promise.reject(new Error("the relay is gone"));
    await first.give(5_000);
    const given = { tipId: first.tip.id };
    await report(first, Tip_State.INVOICED, given);
    await first.until("paying");
    await report(first, Tip_State.RECEIVED, { ...given, receiveTime });
    expect(first.tip.state).toBe("received");
    let latest = first;
    if (where === "in the next page") {
      await first.client.close();
      server = new ScriptedServer();
      latest = await TipClient.arrive(server, { tipStorage });
      latest.client.setWallet(wallet);
      await report(latest, Tip_State.RECEIVED, { ...given, receiveTime });
    }
    wallet.payment = { state: "paid", preimage };
    await latest.until("settled");
    expect(server.proofs).toMatchObject([{ preimage }]);
    expect(wallet.paid).toEqual([invoice]);
  });
});
