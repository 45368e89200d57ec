import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LightningNetwork, Tip_Role, Tip_State } from "../../gen/satoshigle/v1/tip_pb.js";
import { limits } from "../../src/core/limits.js";
import { invoice as buildInvoice, routeField } from "../core/support/invoices.js";
import { invoiceOf } from "../support/invoice.js";
import { roomy } from "../support/pair.js";
import { TestClient, transportTo } from "../support/test-client.js";
import { startServer, type TestServer } from "../support/server.js";
import { AMOUNT, couple, expectNothingMore, invoiced, nextTip, offered } from "./support/tips.js";

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ ...roomy, LIGHTNING_NETWORK: "regtest" });
});
afterAll(() => server.close());

it("Welcome contains the network and the limits of tips", async () => {
  const { welcome } = await TestClient.open(transportTo(server.url));
  expect(welcome.lightningNetwork).toBe(LightningNetwork.REGTEST);
  expect(welcome.limits).toMatchObject({
    minTipMsat: 1_000n,
    maxTipMsat: 1_000_000_000n,
    maxTipCommentCharacters: 140,
    maxOpenTips: limits.openTips,
  });
});

describe("a tip", () => {
  it("is offered, invoiced and settled, and both sides are notified of each state once", async () => {
    const { payer, payee, matchId } = await couple(server);
    const tipId = randomUUID();
    await payer.tips.offer({ tipId, matchId, amountMsat: BigInt(AMOUNT), comment: "for the song" });
    const asked = { tipId, matchId, amountMsat: BigInt(AMOUNT), comment: "for the song", state: Tip_State.OFFERED };
    expect(await nextTip(payer)).toMatchObject({ ...asked, role: Tip_Role.PAYER, invoice: "" });
    expect(await nextTip(payee)).toMatchObject({ ...asked, role: Tip_Role.PAYEE, invoice: "" });

    const { invoice, preimage } = invoiceOf({ amountMsat: AMOUNT });
    await payee.tips.sendInvoice({ tipId, invoice });
    for (const person of [payer, payee]) {
      expect(await nextTip(person)).toMatchObject({ tipId, state: Tip_State.INVOICED, invoice });
    }
    await payer.tips.confirm({ tipId, preimage });
    for (const person of [payer, payee]) {
      const tip = await nextTip(person);
      expect(tip).toMatchObject({ tipId, state: Tip_State.SETTLED });
      expect(tip?.expireTime).toBeUndefined();
    }
    await expectNothingMore(payer, payee);
  });

  it("settles late, after it was cancelled, if its invoice was paid nevertheless", async () => {
    const { payer, payee, tipId, preimage } = await invoiced(server);
    await payer.tips.cancel({ tipId });
    await payer.tips.confirm({ tipId, preimage });
    for (const person of [payer, payee]) {
      expect(await nextTip(person)).toMatchObject({ tipId, state: Tip_State.CANCELLED });
      expect(await nextTip(person)).toMatchObject({ tipId, state: Tip_State.SETTLED });
    }
    await expectNothingMore(payer, payee);
  });

  it("may have a long invoice that is valid for a week, of which the payer has a day", async () => {
    const { payer, payee, tipId } = await offered(server);
    const routes = Array.from({ length: 44 }, () => routeField());
    const prefix = `lnbcrt${String(AMOUNT / 100)}n`;
    const long = buildInvoice({ prefix, createdMs: Date.now(), expirySeconds: 7 * 86_400, fields: routes });
    expect(long.length).toBeGreaterThan(3_900);
    await payee.tips.sendInvoice({ tipId, invoice: long });
    const tip = await nextTip(payer);
    expect(tip).toMatchObject({ tipId, state: Tip_State.INVOICED, invoice: long });
    const leftMs = Number(tip?.invoiceExpireTime?.seconds ?? 0) * 1_000 - Date.now();
    expect(leftMs).toBeGreaterThan(86_000_000);
    expect(leftMs).toBeLessThanOrEqual(86_400_000);
    await nextTip(payee);
    await expectNothingMore(payer, payee);
  });

  it("has one effect when every call is repeated", async () => {
    const { payer, payee, matchId } = await couple(server);
    const tipId = randomUUID();
    const { invoice, preimage } = invoiceOf({ amountMsat: AMOUNT });
    for (let time = 0; time < 2; time++) {
      await payer.tips.offer({ tipId, matchId, amountMsat: BigInt(AMOUNT) });
    }
    for (let time = 0; time < 2; time++) await payee.tips.sendInvoice({ tipId, invoice });
    await payee.tips.sendInvoice({ tipId, invoice: invoice.toUpperCase() });
    for (let time = 0; time < 2; time++) await payer.tips.confirm({ tipId, preimage });
    await payee.tips.sendInvoice({ tipId, invoice });
    for (const state of [Tip_State.OFFERED, Tip_State.INVOICED, Tip_State.SETTLED]) {
      expect(await nextTip(payer)).toMatchObject({ tipId, state });
      expect(await nextTip(payee)).toMatchObject({ tipId, state });
    }
    await expectNothingMore(payer, payee);
    await payer.tips.offer({ tipId, matchId, amountMsat: BigInt(AMOUNT) });
  });

  it("can be canceled by the payer, and declined by the payee", async () => {
    const [first, second] = [await offered(server), await offered(server)];
    for (let time = 0; time < 2; time++) await first.payer.tips.cancel({ tipId: first.tipId });
    for (let time = 0; time < 2; time++) await second.payee.tips.cancel({ tipId: second.tipId });
    expect(await nextTip(first.payee)).toMatchObject({ state: Tip_State.CANCELLED });
    expect(await nextTip(second.payer)).toMatchObject({ state: Tip_State.DECLINED });
  });

  it("may be given to a recent partner, and settles after the match", async () => {
    const { payer, payee, matchId } = await couple(server);
    await payee.leave();
    await Promise.all([payer.until("matchEnded"), payee.until("matchEnded")]);
    const tipId = randomUUID();
    await payer.tips.offer({ tipId, matchId, amountMsat: BigInt(AMOUNT) });
    expect(await nextTip(payee)).toMatchObject({ state: Tip_State.OFFERED });
    const { invoice, preimage } = invoiceOf({ amountMsat: AMOUNT });
    await payee.tips.sendInvoice({ tipId, invoice });
    await payer.tips.confirm({ tipId, preimage });
    expect(await nextTip(payee)).toMatchObject({ state: Tip_State.INVOICED });
    expect(await nextTip(payee)).toMatchObject({ state: Tip_State.SETTLED });
  });

  it("waits in the mailbox of a side that is away", async () => {
    const { payer, payee, tipId, invoice, preimage } = await invoiced(server);
    const { resume } = payee;
    await payee.break();
    await payer.until("partnerAway");
    await payer.tips.confirm({ tipId, preimage });
    const back = await TestClient.open(transportTo(server.url), resume);
    expect(back.welcome).toMatchObject({ resumed: true, tips: [] });
    expect((await back.until("tipUpdated")).tip).toMatchObject({ tipId, invoice, state: Tip_State.SETTLED });
  });

  it("is contained in Welcome for a side that cannot resume", async () => {
    const { payee, tipId, invoice } = await invoiced(server);
    const { token } = payee.welcome;
    await payee.break();
    const back = await TestClient.open(transportTo(server.url), { token });
    expect(back.welcome.resumed).toBe(false);
    expect(back.welcome.tips).toHaveLength(1);
    expect(back.welcome.tips[0]).toMatchObject({ tipId, role: Tip_Role.PAYEE, state: Tip_State.INVOICED, invoice });
  });
});
