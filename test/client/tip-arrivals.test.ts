import { Code, ConnectError } from "@connectrpc/connect";
import { beforeEach, describe, expect, it } from "vitest";
import { Tip_Role, Tip_State } from "../../gen/satoshigle/v1/tip_pb.js";
import type { Wallet } from "../../src/client/index.js";
import { invoiceOf } from "../support/invoice.js";
import { pass, ScriptedServer, settle } from "./scripted-server.js";
import { useFakeClock } from "./client-harness.js";
import { TestWallet, TipClient, tipOnWire } from "./tip-client.js";

// A payee whose wallet knows when the money of a tip has arrived.

useFakeClock();

/** A wallet whose money arrives when the test says so. */
class WatchingWallet extends TestWallet implements Wallet {
  readonly watched: string[] = [];
  readonly stopped: string[] = [];
  arrive: () => void = () => undefined;
  fail: (why: Error) => void = () => undefined;

  watchReceived(invoice: string, signal: AbortSignal): Promise<void> {
    this.watched.push(invoice);
    signal.addEventListener("abort", () => this.stopped.push(invoice));
    return new Promise((resolve, reject) => {
      this.arrive = resolve;
      this.fail = reject;
    });
  }
}

let server: ScriptedServer;
let wallet: WatchingWallet;
let payee: TipClient;
const terms = { id: "t".repeat(22), matchId: "m1", amountMsat: 5_000, comment: "nice" };
const { invoice } = invoiceOf({ amountMsat: 5_000 });

async function hear(state: Tip_State): Promise<void> {
  const tip = { ...tipOnWire(terms, state, invoice), role: Tip_Role.PAYEE };
  await server.stream.event({ case: "tipUpdated", value: { tip } });
  await settle();
}

beforeEach(async () => {
  server = new ScriptedServer();
  wallet = new WatchingWallet();
  payee = await TipClient.arrive(server);
  payee.client.setWallet(wallet);
  await hear(Tip_State.OFFERED);
});

describe("the money of a tip", () => {
  it("is watched for from the invoice on, once", async () => {
    expect(wallet.watched).toEqual([]);
    await hear(Tip_State.INVOICED);
    await hear(Tip_State.INVOICED);
    payee.client.setWallet(wallet);
    await settle();
    expect(wallet.watched).toEqual([invoice]);
  });

  it("makes the tip received when it arrives", async () => {
    await hear(Tip_State.INVOICED);
    wallet.arrive();
    await settle();
    expect(server.receipts).toEqual([terms.id]);
    expect(payee.tip.state).toBe("received");
  });

  it("is told to the server again after a failure that passes", async () => {
    let times = 0;
    server.onCall = (name) => {
      if (name === "confirmReceipt" && ++times < 3) throw new ConnectError("away", Code.Unavailable);
      return undefined;
    };
    await hear(Tip_State.INVOICED);
    wallet.arrive();
    await pass(60_000);
    expect([times, payee.tip.state]).toEqual([3, "received"]);
  });

  it.each([Tip_State.SETTLED, Tip_State.CANCELLED, Tip_State.EXPIRED])(
    "is waited for until the end (%i)",
    async (end) => {
      await hear(Tip_State.INVOICED);
      await hear(end);
      expect(wallet.stopped).toEqual([invoice]);
    },
  );

  it("is not waited for after the page is closed", async () => {
    await hear(Tip_State.INVOICED);
    await payee.client.close();
    expect(wallet.stopped).toEqual([invoice]);
  });

  it("is left to the payer's proof if the wallet cannot know, and to the wallet that is chosen next", async () => {
    await hear(Tip_State.INVOICED);
    wallet.fail(new Error("unknown"));
    await settle();
    expect([server.receipts, payee.tip.state, payee.tip.problem]).toEqual([[], "invoiced", undefined]);
    const next = new WatchingWallet();
    payee.client.setWallet(next);
    await settle();
    expect(next.watched).toEqual([invoice]);
  });
});
