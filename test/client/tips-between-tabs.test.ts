import { Code, ConnectError } from "@connectrpc/connect";
import { beforeEach, describe, expect, it } from "vitest";
import { Role } from "../../gen/satoshigle/v1/signal_pb.js";
import { Tip_State } from "../../gen/satoshigle/v1/tip_pb.js";
import { invoiceOf } from "../support/invoice.js";
import { pass, ScriptedServer, settle, snapshotOf } from "./scripted-server.js";
import { TestWallet, TipClient, tipsOn } from "./tip-client.js";
import { createStorage, useFakeClock, ClientHarness } from "./client-harness.js";

useFakeClock();

let server: ScriptedServer;
let wallet: TestWallet;
beforeEach(() => {
  server = new ScriptedServer();
  wallet = new TestWallet();
});

describe("a queued offer", () => {
  /** The stream opens again, in the same match. */
  async function shouldReconnect(afterMs: number, token: string): Promise<void> {
    await pass(afterMs);
    const inMatch = { matchId: "m1", role: Role.ANSWERER, partnerPresent: true };
    await server.stream.welcome({ ...tipsOn, token, ...snapshotOf({ case: "inMatch", value: inMatch }) });
  }

  it("is not sent once it has ended", async () => {
    const tipClient = await TipClient.arrive(server);
    await server.stream.end();
    const given = tipClient.client.tip(21_000);
    await Promise.all([expect(given).rejects.toMatchObject({ code: "tip_over" }), shouldReconnect(150_000, "secret")]);
    expect(tipClient.tip.state).toBe("expired");
    expect(server.offers).toEqual([]);
  });

  it("is stored with the token with which it is sent", async () => {
    const storage = createStorage();
    const tipClient = await TipClient.arrive(server, { tipStorage: storage });
    await server.stream.end();
    await Promise.all([tipClient.client.tip(21_000), shouldReconnect(1_000, "another secret")]);
    expect(server.calls.at(-1)).toEqual({ name: "offerTip", token: "Bearer another secret" });
    expect([...storage.values()][0]).toContain('"token":"another secret"');
  });

  it("counts as accepted if it is answered, whatever the result of its call", async () => {
    const tipClient = await TipClient.arrive(server);
    server.onCall = async (name) => {
      if (name !== "offerTip") return;
      await tipClient.hear(Tip_State.INVOICED, invoiceOf({ amountMsat: 21_000 }));
      throw new ConnectError("the answer was lost", Code.FailedPrecondition);
    };
    const given = tipClient.client.tip(21_000);
    await settle();
    expect(await given).toMatchObject({ state: "invoiced" });
    expect(server.cancels).toEqual([]);
  });
});

it("an invoice with another amount is refused at once, before it can be paid manually", async () => {
  const tipClient = await TipClient.arrive(server);
  await tipClient.give(21_000);
  await tipClient.hear(Tip_State.INVOICED, invoiceOf({ amountMsat: 5_000_000 }));
  expect(tipClient.tip).toMatchObject({ state: "cancelled", problem: "The invoice is for a different amount." });
  expect(server.cancels).toHaveLength(1);
});

it("a tip that another tab is paying is not abandoned, although the invoice has expired", async () => {
  const storage = createStorage();
  const tipClient = await TipClient.arrive(server, { tipStorage: storage });
  await tipClient.give();
  await tipClient.hear(Tip_State.INVOICED, invoiceOf({ amountMsat: 21_000 }));
  const other = new TipClient(server, new ClientHarness(server, { tipStorage: storage }));
  other.client.setWallet(new TestWallet());
  tipClient.client.setWallet(wallet);
  void tipClient.client.payTip(tipClient.tip.id);
  await settle();
  expect(wallet.paid).toHaveLength(1);
  await pass(700_000);
  void other.client.payTip(other.tip.id);
  await settle();
  expect(server.cancels).toEqual([]);
  expect([...storage.values()][0]).toContain('"asked":true');
});

describe("a payment", () => {
  it("is confirmed once, although the wallet reports it twice", async () => {
    const tipClient = await TipClient.arrive(server);
    const due = invoiceOf({ amountMsat: 21_000 });
    let pay: (payment: { preimage: string }) => void = () => undefined;
    wallet.outcome = () => new Promise((resolve) => (pay = resolve));
    wallet.payment = { state: "paid", preimage: due.preimage };
    server.onCall = (name) => (name === "confirmTip" ? new Promise(() => undefined) : undefined);
    tipClient.client.setWallet(wallet);
    await tipClient.give();
    await tipClient.hear(Tip_State.INVOICED, due);
    tipClient.client.setWallet(wallet);
    await tipClient.until("unconfirmed");
    pay({ preimage: due.preimage });
    await expect(tipClient.client.confirmTip(tipClient.tip.id, due.preimage)).resolves.toBeUndefined();
    expect(server.proofs).toHaveLength(1);
  });

  it("is looked up by one request at a time", async () => {
    const tipClient = await TipClient.arrive(server);
    tipClient.client.setWallet(wallet);
    await tipClient.give();
    await tipClient.hear(Tip_State.INVOICED, invoiceOf({ amountMsat: 21_000 }));
    let looks = 0;
    wallet.find = () => {
      looks++;
      return new Promise(() => undefined);
    };
    for (let times = 0; times < 5; times++) tipClient.client.setWallet(wallet);
    await settle();
    expect(looks).toBe(1);
  });
});
