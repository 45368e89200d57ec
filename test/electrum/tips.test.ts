import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Tip_State } from "../../gen/satoshigle/v1/tip_pb.js";
import { couple, expectNothingMore, nextTip } from "../rpc/support/tips.js";
import { type ElectrumPair, startElectrumPair } from "../support/lightning/electrum-pair.js";
import { ElectrumTipWallet } from "../support/lightning/electrum-tip-wallet.js";
import { roomy } from "../support/pair.js";
import { refusalOf } from "../support/refusal.js";
import { startServer, type TestServer } from "../support/server.js";
import { soon } from "../support/soon.js";

// Tips between a wallet that nobody here wrote and a node of LDK, through the server.

let server: TestServer;
let wallets: ElectrumPair;
let electrum: ElectrumTipWallet;
beforeAll(async () => {
  const variables = { ...roomy, LIGHTNING_NETWORK: "regtest", CONNECTION_TIMEOUT_MS: "120000" }; // matches without calls
  server = await startServer(variables);
  wallets = await startElectrumPair();
  electrum = new ElectrumTipWallet(wallets.electrum);
});
afterAll(async () => {
  await wallets.close();
  await server.close();
});

interface TipWallet {
  makeInvoice(amountMsat: number): Promise<string>;
  pay(invoice: string): Promise<string>;
  /** In whole satoshis. */
  balance(): Promise<number>;
}

const walletNamed: Record<"Electrum" | "LDK", TipWallet> = {
  Electrum: {
    makeInvoice: (amountMsat) => electrum.makeInvoice({ amountMsat, memo: "a tip", expirySeconds: 600 }),
    pay: async (invoice) => (await electrum.pay(invoice)).preimage,
    balance: async () => (await wallets.electrum.channels()).reduce((sum, { local_balance: sat }) => sum + sat, 0),
  },
  LDK: {
    makeInvoice: (amountMsat) => Promise.resolve(wallets.node.makeInvoice(amountMsat, "a tip", 600)),
    pay: (invoice) => wallets.node.pay(invoice),
    balance: () => Promise.resolve(Math.floor(wallets.node.spendableMsat / 1000)),
  },
};

/** A tip with an invoice of the payee's wallet, of which both sides know. */
async function billed(payeeWallet: TipWallet, amountMsat: number) {
  const sides = await couple(server);
  const { payer, payee, matchId } = sides;
  const tipId = randomUUID();
  await payer.tips.offer({ tipId, matchId, amountMsat: BigInt(amountMsat), comment: "well said" });
  for (const person of [payer, payee]) expect(await nextTip(person)).toMatchObject({ state: Tip_State.OFFERED });
  await payee.tips.sendInvoice({ tipId, invoice: await payeeWallet.makeInvoice(amountMsat) });
  const tip = await nextTip(payer);
  expect(tip).toMatchObject({ tipId, state: Tip_State.INVOICED });
  expect(await nextTip(payee)).toMatchObject({ tipId, state: Tip_State.INVOICED });
  return { ...sides, tipId, invoice: tip?.invoice ?? "" };
}

it.each([
  { payer: "Electrum", payee: "LDK", amountMsat: 1_000 },
  { payer: "LDK", payee: "Electrum", amountMsat: 1_000 },
  { payer: "Electrum", payee: "LDK", amountMsat: 21_500 },
  { payer: "Electrum", payee: "LDK", amountMsat: 1_000_000_000 },
  { payer: "LDK", payee: "Electrum", amountMsat: 1_000_000_000 },
] as const)("pays a tip: $payer to $payee, $amountMsat msat", async ({ payer, payee, amountMsat }) => {
  const before = await walletNamed[payee].balance();
  const tip = await billed(walletNamed[payee], amountMsat);
  const preimage = await walletNamed[payer].pay(tip.invoice);
  await tip.payer.tips.confirm({ tipId: tip.tipId, preimage });
  for (const person of [tip.payer, tip.payee]) {
    expect(await nextTip(person)).toMatchObject({ tipId: tip.tipId, state: Tip_State.SETTLED });
  }
  await expectNothingMore(tip.payer, tip.payee);
  await soon(async () => {
    const received = (await walletNamed[payee].balance()) - before;
    if (received !== Math.floor(amountMsat / 1000)) throw new Error(`the payee received ${String(received)} satoshis`);
  });
});

it("a payment that LDK refuses is a definite failure for Electrum, and the tip is cancelled", async () => {
  const { node } = wallets;
  node.hold();
  const before = await walletNamed.Electrum.balance();
  const { payer, payee, tipId, invoice } = await billed(walletNamed.LDK, 4_000);
  const paying = expect(electrum.pay(invoice)).rejects.toThrow("The payment failed.");
  await soon(() => expect(node.payments().find((one) => one.invoice === invoice)?.state).toBe("held"));
  expect(await electrum.find(invoice)).toEqual({ state: "pending" });
  node.refuse();
  await paying;
  node.release();
  await payer.tips.cancel({ tipId });
  for (const person of [payee, payer]) {
    expect(await nextTip(person)).toMatchObject({ tipId, state: Tip_State.CANCELLED });
  }
  expect(await walletNamed.Electrum.balance()).toBe(before);
});

it("Electrum leaves out the part of a satoshi without a word, and the server says what is wrong", async () => {
  const { payer, payee, matchId } = await couple(server);
  const tipId = randomUUID();
  await payer.tips.offer({ tipId, matchId, amountMsat: 21_500n });
  const invoice = await wallets.electrum.makeInvoice(21.5);
  expect(await refusalOf(payee.tips.sendInvoice({ tipId, invoice }))).toMatchObject({
    problem: "amount",
    message: expect.stringContaining("is for 21000 msat, but the tip is for 21500 msat") as string,
  });
});
