import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { Satoshigle, type Tip, type Wallet } from "../../src/client/index.js";
import { ElectrumTipWallet } from "../support/lightning/electrum-tip-wallet.js";
import { type ElectrumPair, startElectrumPair } from "../support/lightning/electrum-pair.js";
import { roomy, uniqueInterest } from "../support/pair.js";
import { startServer, type TestServer } from "../support/server.js";
import { soon } from "../support/soon.js";
import { transportTo } from "../support/test-client.js";

// The whole client with real wallets. The payer's does not answer, as the payee's node holds the payment for a minute.

/** The life of the invoice; the payment is held until it is over. */
const HELD_SECONDS = 60;
/** When the payer's client no longer waits for its wallet's answer, in milliseconds. */
const PATIENCE_MS = 2_000;

let server: TestServer;
let wallets: ElectrumPair;
const people: Person[] = [];
beforeAll(async () => {
  // No browser is here to make a call, so matches must not need one.
  const variables = { ...roomy, LIGHTNING_NETWORK: "regtest", CONNECTION_TIMEOUT_MS: "300000" };
  server = await startServer(variables);
  wallets = await startElectrumPair();
});
afterAll(async () => {
  vi.unstubAllGlobals();
  for (const { client } of people) await client.close();
  await wallets.close();
  await server.close();
});

/** A person with a wallet, and each state of a tip that the client told. */
class Person {
  readonly told: Tip["state"][] = [];
  readonly client: Satoshigle;

  constructor(wallet: Wallet) {
    this.client = new Satoshigle(server.url, { storage: null }, transportTo(server.url));
    this.client.setWallet(wallet);
    this.client.on("tip", ({ state }) => {
      if (this.told.at(-1) !== state) this.told.push(state);
    });
    people.push(this);
  }

  get tip(): Tip | undefined {
    return this.client.tips.at(-1);
  }
}

/** A wallet of LDK whose invoices live as long as the test says. */
function walletOfLdk(): Wallet {
  return {
    makeInvoice: ({ amountMsat, memo }) => Promise.resolve(wallets.node.makeInvoice(amountMsat, memo, HELD_SECONDS)),
  };
}

/** A tip whose payment the payee's node holds. */
async function heldTip(payerWallet: Wallet) {
  const [payer, payee] = [new Person(payerWallet), new Person(walletOfLdk())];
  const interests = [uniqueInterest()];
  const matched = new Promise((resolve) => payer.client.on("matched", resolve));
  await payee.client.start({ interests });
  await payer.client.start({ interests });
  await matched;
  await payer.client.tip(21_000, "well said");
  await soon(() => expect(payer.tip?.state).toBe("paying"));
  const received = () => wallets.node.payments().find(({ invoice }) => invoice === payer.tip?.invoice);
  await soon(() => expect(received()?.state).toBe("held"));
  return { payer, payee, expiresMs: received()?.expiresMs ?? Infinity };
}

it("a tip is never called unpaid while it is held, whether its wallet answers late or not at all", async () => {
  vi.stubGlobal("RTCPeerConnection", function unusable() {
    throw new Error("no connection can be made");
  });
  wallets.node.hold();
  const patient = await heldTip(new ElectrumTipWallet(wallets.electrum));
  const unanswered = await heldTip(new ElectrumTipWallet(wallets.electrum, PATIENCE_MS));
  await soon(() => expect(Date.now()).toBeGreaterThan(Math.max(patient.expiresMs, unanswered.expiresMs)));
  wallets.node.release();
  for (const { payer, payee } of [patient, unanswered]) {
    await soon(() => expect([payer.tip?.state, payee.tip?.state]).toEqual(["settled", "settled"]));
    expect(payer.told).toEqual(["offered", "invoiced", "paying", "unconfirmed", "settled"]);
    expect(payee.told).toEqual(["offered", "invoiced", "settled"]);
    expect(payer.tip?.problem).toBeUndefined();
  }
});
