import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { expect } from "vitest";
import { LightningNetwork, Tip_Role, Tip_State } from "../../gen/satoshigle/v1/tip_pb.js";
import { Role } from "../../gen/satoshigle/v1/signal_pb.js";
import type { ClientOptions, InvoiceTerms, Payment, Satoshigle, Tip, Wallet } from "../../src/client/index.js";
import { invoiceOf, type TestInvoice } from "../support/invoice.js";
import { pass, ScriptedServer, settle } from "./scripted-server.js";
import { ClientHarness } from "./client-harness.js";

const limits = { minTipMsat: 1_000n, maxTipMsat: 1_000_000_000n, maxTipCommentCharacters: 140 };
/** Not controlled by the fake clock, because hashes take real time. */
const realImmediate = setImmediate;
export const tipsOn = { lightningNetwork: LightningNetwork.REGTEST, limits };

/** A wallet whose payments the test decides. */
export class TestWallet implements Wallet {
  readonly asked: InvoiceTerms[] = [];
  readonly paid: string[] = [];
  outcome: (invoice: string) => Promise<{ preimage: string }> = () => new Promise(() => undefined);
  payment: Payment = { state: "unknown" };

  makeInvoice(terms: InvoiceTerms): Promise<string> {
    this.asked.push(terms);
    return Promise.resolve(invoiceOf({ amountMsat: terms.amountMsat }).invoice);
  }

  pay(invoice: string): Promise<{ preimage: string }> {
    this.paid.push(invoice);
    return this.outcome(invoice);
  }

  find(): Promise<Payment> {
    return Promise.resolve(this.payment);
  }
}

/** A client in match `m1` on a server with tips, and the states of its tips. */
export class TipClient {
  readonly states: string[] = [];

  constructor(
    readonly server: ScriptedServer,
    readonly harness: ClientHarness,
  ) {
    harness.client.on("tip", (tip) => this.states.push(tip.state));
  }

  static async arrive(server: ScriptedServer, options: ClientOptions = {}): Promise<TipClient> {
    const harness = new ClientHarness(server, options);
    await loadTips(harness.client);
    const connected = harness.client.connect();
    await settle();
    await server.stream.welcome(tipsOn);
    await connected;
    void harness.client.start();
    await settle();
    await server.stream.event({ case: "matched", value: { matchId: "m1", role: Role.ANSWERER } });
    return new TipClient(server, harness);
  }

  get client() {
    return this.harness.client;
  }

  /** The newest tip. */
  get tip(): Tip {
    const tip = this.client.tips.at(-1);
    if (!tip) throw new Error("there is no tip");
    return tip;
  }

  /** Offers a tip, which the server accepts. */
  async give(amountMsat = 21_000, comment = ""): Promise<void> {
    await Promise.all([this.client.tip(amountMsat, comment), settle()]);
  }

  /** Sends a report of the server about the newest tip. */
  async hear(state: Tip_State, { invoice = "" }: Partial<TestInvoice> = {}): Promise<void> {
    await this.server.stream.event({ case: "tipUpdated", value: { tip: tipOnWire(this.tip, state, invoice) } });
  }

  /** Waits until the newest tip has this state, which may take a hash. */
  async until(state: Tip["state"]): Promise<void> {
    for (let turns = 0; this.tip.state !== state && turns < 500; turns++) {
      await new Promise<void>((resolve) => realImmediate(resolve));
      await pass(100);
    }
    expect(this.tip.state).toBe(state);
  }
}

/** Uses the tips of a client, so that their code is loaded. */
export async function loadTips(client: Satoshigle): Promise<void> {
  await client.cancelTip("unknown").catch(() => undefined);
}

export function tipOnWire(tip: Pick<Tip, "id" | "matchId" | "amountMsat" | "comment">, state: Tip_State, invoice = "") {
  const times = { createTime: timestampFromMs(Date.now()), expireTime: timestampFromMs(Date.now() + 4_200_000) };
  const more = invoice === "" ? {} : { invoice, invoiceExpireTime: timestampFromMs(Date.now() + 600_000) };
  const { id, matchId, comment, amountMsat } = tip;
  return {
    tipId: id,
    matchId,
    comment,
    amountMsat: BigInt(amountMsat),
    role: Tip_Role.PAYER,
    state,
    ...times,
    ...more,
  };
}
