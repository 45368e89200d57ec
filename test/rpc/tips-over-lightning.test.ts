import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { Tip_State } from "../../gen/satoshigle/v1/tip_pb.js";
import { GrpcClient } from "../support/grpc.js";
import { type LightningNode, PaymentFailed } from "../support/lightning/node.js";
import { type LightningPair, startPair } from "../support/lightning/pair.js";
import { PaymentServiceProcess } from "../support/lightning/payment-service.js";
import { roomy, uniqueInterest } from "../support/pair.js";
import { TestClient, transportTo } from "../support/test-client.js";
import { startServer, type TestServer } from "../support/server.js";
import { couple, expectNothingMore, nextTip } from "./support/tips.js";

// Paid tips: the wallets are real Lightning nodes, and a payment service watches from another process.

let server: TestServer;
let nodes: LightningPair;
let service: PaymentServiceProcess;
beforeAll(async () => {
  const variables = {
    ...{ ...roomy, LIGHTNING_NETWORK: "regtest" },
    MAX_DISCONNECTION_DURATION_MS: "1000", // sessions without a stream end soon
    CONNECTION_TIMEOUT_MS: "120000", // these matches have no calls
  };
  [server, nodes] = await Promise.all([startServer(variables), startPair()]);
  service = await PaymentServiceProcess.start(server.internalUrl);
});
afterAll(async () => {
  await service.close();
  nodes.close();
  await server.close();
});

interface Sides {
  payer: TestClient;
  payee: TestClient;
  matchId: string;
}

/** A tip with an invoice of the payee's wallet, of which both sides have received the event. */
async function billed({ payer, payee, matchId }: Sides, wallet: LightningNode, amountMsat: number) {
  const tipId = randomUUID();
  await payer.tips.offer({ tipId, matchId, amountMsat: BigInt(amountMsat), comment: "well said" });
  expect(await nextTip(payee)).toMatchObject({ tipId, state: Tip_State.OFFERED });
  await payee.tips.sendInvoice({ tipId, invoice: wallet.makeInvoice(amountMsat, "a tip", 600) });
  expect(await nextTip(payer)).toMatchObject({ tipId, state: Tip_State.OFFERED });
  const tip = await nextTip(payer);
  expect(tip).toMatchObject({ tipId, state: Tip_State.INVOICED });
  expect(await nextTip(payee)).toMatchObject({ tipId, state: Tip_State.INVOICED });
  return { tipId, invoice: tip?.invoice ?? "" };
}

/** A whole tip, from offer to settlement; both sides are notified once that it is settled. */
async function tip(
  sides: Sides,
  amountMsat: number,
  wallets = { payer: nodes.ann, payee: nodes.bob },
): Promise<string> {
  const { tipId, invoice } = await billed(sides, wallets.payee, amountMsat);
  await sides.payer.tips.confirm({ tipId, preimage: await wallets.payer.pay(invoice) });
  for (const person of [sides.payer, sides.payee]) {
    expect(await nextTip(person)).toMatchObject({ tipId, state: Tip_State.SETTLED });
  }
  return tipId;
}

/** The entries of the payment service for one tip. */
async function bookedFor(tipId: string) {
  const entries = await service.booked([tipId]);
  return entries.filter((entry) => entry.tipId === tipId);
}

it("tips of several amounts are paid, settled, reported to each side once, recorded once, and add up", async () => {
  const sides = await couple(server);
  const amounts = [1_000, 21_000, 1_234_567, 1_000_000_000];
  const ids: string[] = [];
  for (const amountMsat of amounts) ids.push(await tip(sides, amountMsat));
  const booked = (await service.booked(ids)).filter(({ tipId }) => ids.includes(tipId));
  expect(booked.map(({ tipId, amountMsat }) => [tipId, amountMsat])).toEqual(ids.map((id, at) => [id, amounts[at]]));
  const payments = new GrpcClient("satoshigle.internal.v1.PaymentService", server.internalUrl);
  const sum = { tipCount: amounts.length, amountMsat: amounts.reduce((a, b) => a + b) };
  expect(await payments.call("getTotals", { matchId: sides.matchId })).toMatchObject({ given: sum });
  payments.close();
  await expectNothingMore(sides.payer, sides.payee);
});

it("either side can tip, also concurrently", async () => {
  const { payer, payee, matchId } = await couple(server);
  const [there, back] = [randomUUID(), randomUUID()];
  await Promise.all([
    payer.tips.offer({ tipId: there, matchId, amountMsat: 5_000n }),
    payee.tips.offer({ tipId: back, matchId, amountMsat: 7_001n }),
  ]);
  await Promise.all([
    payee.tips.sendInvoice({ tipId: there, invoice: nodes.bob.makeInvoice(5_000) }),
    payer.tips.sendInvoice({ tipId: back, invoice: nodes.ann.makeInvoice(7_001) }),
  ]);
  const pay = async (person: TestClient, tipId: string, wallet: LightningNode) => {
    for (;;) {
      const tip = await nextTip(person);
      if (tip?.tipId !== tipId || tip.state !== Tip_State.INVOICED) continue;
      return person.tips.confirm({ tipId, preimage: await wallet.pay(tip.invoice) });
    }
  };
  await Promise.all([pay(payer, there, nodes.ann), pay(payee, back, nodes.bob)]);
  await service.booked([there, back]);
});

it("a payment service that is killed misses no tip and records none twice", async () => {
  const sides = await couple(server);
  const first = await tip(sides, 2_000);
  await service.booked([first]);
  await service.kill();
  const away = [await tip(sides, 3_000), await tip(sides, 4_000)];
  service.start();
  const last = await tip(sides, 5_000);
  const ids = [first, ...away, last];
  const entries = await service.booked(ids);
  expect(entries.map(({ tipId }) => tipId).filter((tipId) => ids.includes(tipId))).toEqual(ids);
  expect(new Set(entries.map(({ tipId }) => tipId)).size).toBe(entries.length);
});

it("a payment under way at Next still settles, and the partner is notified in the next call", async () => {
  const sides = await couple(server);
  nodes.bob.hold();
  const { tipId, invoice } = await billed(sides, nodes.bob, 6_000);
  const paying = nodes.ann.pay(invoice);
  await held(nodes.bob, invoice);
  const preferences = { interests: [uniqueInterest()] };
  const third = await TestClient.open(transportTo(server.url));
  await third.match({ preferences });
  await sides.payee.match({ preferences, leaveMatchId: sides.matchId });
  await Promise.all([sides.payer.until("matchEnded"), third.until("matched")]);
  nodes.bob.release();
  await sides.payer.tips.confirm({ tipId, preimage: await paying });
  for (const person of [sides.payer, sides.payee]) {
    expect((await person.until("tipUpdated")).tip).toMatchObject({ tipId, state: Tip_State.SETTLED });
  }
  expect(await bookedFor(tipId)).toHaveLength(1);
});

it("a payer whose session ended can still confirm with its old token", async () => {
  const sides = await couple(server);
  nodes.bob.hold();
  const { tipId, invoice } = await billed(sides, nodes.bob, 8_000);
  const paying = nodes.ann.pay(invoice);
  await held(nodes.bob, invoice);
  await sides.payer.break();
  await sides.payee.until("matchEnded"); // the session has ended
  nodes.bob.release();
  await sides.payer.tips.confirm({ tipId, preimage: await paying });
  expect((await sides.payee.until("tipUpdated")).tip).toMatchObject({ tipId, state: Tip_State.SETTLED });
  expect(await bookedFor(tipId)).toHaveLength(1);
});

it("a payer whose stream broke receives the tip again when it resumes, and confirms it", async () => {
  const sides = await couple(server);
  const { tipId, invoice } = await billed(sides, nodes.bob, 9_000);
  const { resume, transport } = sides.payer;
  await sides.payer.break();
  const preimage = await nodes.ann.pay(invoice);
  const back = await TestClient.open(transport, resume);
  expect(back.welcome.sessionId).toBe(sides.payer.welcome.sessionId);
  await back.tips.confirm({ tipId, preimage });
  expect((await back.until("tipUpdated")).tip).toMatchObject({ tipId, state: Tip_State.SETTLED });
  expect(await bookedFor(tipId)).toHaveLength(1);
});

it("a tip whose payment failed is canceled, and never recorded", async () => {
  const sides = await couple(server);
  nodes.bob.hold();
  const { tipId, invoice } = await billed(sides, nodes.bob, 4_000);
  const paying = expect(nodes.ann.pay(invoice)).rejects.toBeInstanceOf(PaymentFailed);
  await held(nodes.bob, invoice);
  nodes.bob.refuse();
  await paying;
  nodes.bob.release();
  await sides.payer.tips.cancel({ tipId });
  expect(await nextTip(sides.payee)).toMatchObject({ tipId, state: Tip_State.CANCELLED });
  expect(await nextTip(sides.payer)).toMatchObject({ tipId, state: Tip_State.CANCELLED });
  const next = await tip(sides, 4_000);
  expect((await service.booked([next])).map((entry) => entry.tipId)).not.toContain(tipId);
});

it("streamed tips, one every ten seconds for ten minutes, arrive once each", { timeout: 120_000 }, async () => {
  const sides = await couple(server);
  const before = nodes.bob.spendableMsat;
  const ids: string[] = [];
  for (let count = 0; count < 60; count++) ids.push(await tip(sides, 5_000));
  const booked = (await service.booked(ids)).filter(({ tipId }) => ids.includes(tipId));
  expect(booked.map(({ tipId }) => tipId)).toEqual(ids);
  await vi.waitUntil(() => nodes.bob.spendableMsat - before === 300_000, { timeout: 60_000, interval: 5 });
});

/** Waits until a payment has arrived and is neither claimed nor canceled. */
async function held(node: LightningNode, invoice: string): Promise<void> {
  const isHeld = () => node.payments().some((one) => one.invoice === invoice && one.state === "held");
  await vi.waitUntil(isHeld, { timeout: 60_000, interval: 5 });
}
